"""`/osc/…`: the original host's routes, and the switch of this one."""

from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from scope.server.host import Host, HostDep
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1/osc", route_class=StrictRoute)


class OscStatus(BaseModel):
    """Whether a port is open; `problem` says why not. `refused_messages`: the last sentences about refused ones."""

    enabled: bool
    listening: bool
    port: int | None
    host: str
    log_all_messages: bool
    taken: int = 0
    refused: int = 0
    refused_messages: list[str] = Field(default_factory=list)
    problem: str | None = None


class OscSwitch(BaseModel):
    """Open the port, the one of the page without `port`, or close it."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool
    port: Annotated[int, Field(ge=1024, le=65535)] | None = None


class OscSettings(BaseModel):
    """Whether refused messages go to the log."""

    model_config = ConfigDict(extra="ignore")

    log_all_messages: bool


class OscPath(BaseModel):
    """One address that is understood now."""

    osc_address: str
    takes: str


class OscPaths(BaseModel):
    """Every address."""

    paths: list[OscPath]


class Inventory(BaseModel):
    """Addresses that a page of the original host announces; this host finds its own."""

    model_config = ConfigDict(extra="ignore")

    paths: Annotated[list[dict[str, Any]], Field(max_length=10_000)]


class Count(BaseModel):
    """How many were announced."""

    count: int


@router.get("/status")
async def status(host: HostDep) -> OscStatus:
    """The port and what came in."""
    return _status(host)


@router.put("", responses=problems(409))
async def switch(body: OscSwitch, host: HostDep) -> OscStatus:
    """Open or close the port."""
    if not body.enabled:
        await host.osc.stop()
    elif not await host.osc.listen(host.settings.host, body.port or host.settings.port):
        raise HTTPException(409, host.osc.problem or "OSC cannot listen")
    return _status(host)


@router.put("/settings")
async def settings(body: OscSettings, host: HostDep) -> OscStatus:
    """What goes to the log."""
    host.osc.log_all = body.log_all_messages
    return _status(host)


@router.get("/paths")
async def paths(host: HostDep) -> OscPaths:
    """What can be sent now."""
    return OscPaths(paths=[OscPath(osc_address=address, takes=takes) for address, takes in host.osc.addresses()])


@router.get("/docs", response_class=HTMLResponse)
async def docs(host: HostDep) -> HTMLResponse:
    """The same as a page for people."""
    rows = "".join(
        f"<tr><td><code>{escape(address)}</code></td><td>{escape(takes)}</td></tr>"
        for address, takes in host.osc.addresses()
    )
    port = f"UDP port {host.osc.port}" if host.osc.port else "switched off: PUT /api/v1/osc opens the port"
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>OSC</title><h1>OSC</h1><p>{escape(port)}</p>'
        f"<table><tr><th>Address</th><th>Takes</th></tr>{rows}</table></html>"
    )


@router.post("/inventory")
async def inventory(body: Inventory) -> Count:
    """Counted and passed over."""
    return Count(count=len(body.paths))


def _status(host: Host) -> OscStatus:
    osc = host.osc
    return OscStatus(
        enabled=osc.port is not None,
        listening=osc.port is not None,
        port=osc.port,
        host=host.settings.host,
        log_all_messages=osc.log_all,
        refused_messages=list(osc.refused),
        problem=osc.problem,
        **osc.counts,
    )
