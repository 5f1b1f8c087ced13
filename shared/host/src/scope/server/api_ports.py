"""Routes of ways in and out of other programs."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field

from scope.media.ports import IN_PORTS, OUT_PORTS, PortError, PortKind
from scope.server.host import HostDep
from scope.server.outputs import OutputState
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1", route_class=StrictRoute)


class PortInfo(BaseModel):
    """One way. `address`: what to type, by example; empty where there is nothing to type. `missing`: why it is not there."""

    kind: str
    title: str
    address: str
    missing: str | None


class Ports(BaseModel):
    """Every way in and out, whether or not this machine has it."""

    inputs: list[PortInfo]
    outputs: list[PortInfo]


class OutputBody(BaseModel):
    """Where to send the show; `name` is what other programs see."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Field(max_length=40)]
    address: Annotated[str, Field(max_length=1000)] = ""
    name: Annotated[str, Field(max_length=100)] = "Scope"


class OutputList(BaseModel):
    """Every output, the oldest first."""

    outputs: list[OutputState]


@router.get("/ports")
def ports() -> Ports:
    """What can be used here, and what each of the others needs."""
    return Ports(inputs=_infos(IN_PORTS), outputs=_infos(OUT_PORTS))


@router.get("/outputs")
async def outputs(host: HostDep) -> OutputList:
    """Where the show is sent, and how that goes. Addresses are shown without secrets."""
    return OutputList(outputs=host.outputs.states())


@router.post("/outputs", status_code=201, responses=problems(400))
async def add_output(body: OutputBody, host: HostDep) -> OutputState:
    """Begin to send; a connection that fails is tried again until the output is removed."""
    try:
        output = host.outputs.add(body.kind, body.address, body.name)
    except PortError as error:
        raise HTTPException(400, str(error)) from error
    host.show.audience.tell_state()
    return output.state


@router.delete("/outputs/{output_id}", status_code=204, responses=problems(404))
async def remove_output(output_id: str, host: HostDep) -> Response:
    """Hang up."""
    if not host.outputs.remove(output_id):
        raise HTTPException(404, f"there is no output {output_id!r}")
    host.show.audience.tell_state()
    return Response(status_code=204)


def _infos(kinds: Mapping[str, PortKind[Any]]) -> list[PortInfo]:
    return [
        PortInfo(kind=kind.name, title=kind.title, address=kind.address, missing=kind.missing(sys.platform))
        for kind in kinds.values()
    ]
