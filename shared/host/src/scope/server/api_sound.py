"""Sound inputs of the server's machine: their levels move fields, for shows whose sound is not in a browser."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from scope.control.outside import OutsideError
from scope.server.host import Host, HostDep
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1/sound", route_class=StrictRoute)


class SoundInputs(BaseModel):
    """Every input and the one that is listened to; `problem` says why there is none, or why it stopped."""

    inputs: list[str]
    listening: str | None
    problem: str | None


class SoundBody(BaseModel):
    """The input to listen to; null for none."""

    model_config = ConfigDict(extra="forbid")

    listen: Annotated[str, Field(max_length=300)] | None


@router.get("")
async def inputs(host: HostDep) -> SoundInputs:
    """What there is."""
    return await asyncio.to_thread(_inputs, host)


@router.put("", responses=problems(409))
async def listen(body: SoundBody, host: HostDep) -> SoundInputs:
    """Listen to another input, or to none."""
    try:
        await asyncio.to_thread(host.sound.listen, body.listen)
    except OutsideError as error:
        raise HTTPException(409, str(error)) from error
    host.show.audience.tell_state()
    return await asyncio.to_thread(_inputs, host)


def _inputs(host: Host) -> SoundInputs:
    try:
        return SoundInputs(inputs=host.sound.inputs(), listening=host.sound.listening, problem=host.sound.problem)
    except OutsideError as error:
        return SoundInputs(inputs=[], listening=None, problem=str(error))
