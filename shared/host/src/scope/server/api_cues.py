"""Routes of the cue list's transport; its items are edited by PATCH of the set-up."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from scope.control.setup import StageId
from scope.server.api_setup import refusals
from scope.server.cues import CueState
from scope.server.host import HostDep
from scope.server.in_order import IN_ORDER
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1/cue", route_class=StrictRoute, dependencies=[IN_ORDER])


class CueBody(BaseModel):
    """What to do; `go` goes to the cue `id` instead of the next one."""

    model_config = ConfigDict(extra="forbid")

    do: Literal["go", "back", "stop"] = "go"
    id: StageId | None = None


@router.get("")
async def read(host: HostDep) -> CueState:
    """Where the list stands."""
    return host.performance.cues.state()


@router.post("", responses=problems(400))
async def move(body: CueBody, host: HostDep) -> CueState:
    """Go on, go back, or stop; on the beat that the set-up quantizes to."""
    with refusals():
        host.performance.cue(body.do, body.id)
    return host.performance.cues.state()
