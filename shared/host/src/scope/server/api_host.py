"""Routes about the host itself: health, pipelines, hardware, log, restart, jobs, login."""

import asyncio
import os
import shutil
import sys
from datetime import UTC, datetime
from importlib import metadata
from typing import Annotated, Any

import psutil
from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from scope.core.config import get_base_dir
from scope.media.packet import FORMATS
from scope.media.ports import OUT_PORTS
from scope.media.video_encoder import h264_codec
from scope.server.host import HostDep
from scope.server.logs import tail
from scope.server.strict import StrictRoute, problems

router = APIRouter(route_class=StrictRoute)


class Health(BaseModel):
    """That the server answers, and since when its engine runs (Unix seconds)."""

    status: str = "healthy"
    timestamp: str
    server_start_time: float
    version: str
    git_commit: str


class HostInfo(BaseModel):
    """What clients have to know of the host before they connect. `h264_encoder`: FFmpeg's name of the one in use."""

    version: str
    address: str
    loopback: bool
    token: bool
    engine: str
    device: dict[str, Any]
    versions: dict[str, str]
    view_formats: list[str]
    h264_encoder: str
    ingest_formats: list[str]
    base_dir: str


class Pipelines(BaseModel):
    """`ready` is false until the engine has looked for plugins. `plugins`: what became of each."""

    ready: bool
    pipelines: dict[str, dict[str, Any]]
    plugins: list[dict[str, Any]]
    problems: list[str]


class Availability(BaseModel):
    """Whether a way in or out of other programs is there, and why not."""

    available: bool = False
    reason: str | None = None
    install_hint: str | None = None


class Hardware(BaseModel):
    """The machine. `vram_gb` is null without a GPU."""

    vram_gb: float | None
    spout: Availability
    ndi: Availability
    syphon: Availability
    device: dict[str, Any]
    cpu_count: int
    memory_gb: float
    disk_free_gb: float


class LogTail(BaseModel):
    """The last lines of the log, and the offset in bytes to ask for what comes after them."""

    lines: list[str]
    offset: int


class Message(BaseModel):
    """What was begun."""

    message: str


class JobInfo(BaseModel):
    """A job; PROTOCOL.md describes the fields."""

    id: str
    kind: str
    title: str
    state: str
    step: str
    share: float | None
    text: str | None
    result: Any


class JobList(BaseModel):
    """Every job, the oldest first."""

    jobs: list[JobInfo]


class Login(BaseModel):
    """The token that `scope serve` printed."""

    token: Annotated[str, Field(max_length=200)]


@router.get("/health")
async def health(host: HostDep) -> Health:
    """The server answers; `server_start_time` changes when the engine restarts."""
    return Health(
        timestamp=datetime.now(UTC).isoformat(),
        server_start_time=host.show.status.started_at,
        version=metadata.version("scope-host"),
        git_commit=host.commit,
    )


@router.get("/api/v1/host")
async def info(host: HostDep) -> HostInfo:
    """The host, its engine and what it can send and take."""
    hello, rules = host.show.status.hello, host.settings.rules
    return HostInfo(
        version=metadata.version("scope-host"),
        address=host.settings.address,
        loopback=host.settings.loopback,
        token=rules.token is not None,
        engine=host.show.status.engine,
        device=dict(hello.device) if hello else {},
        versions=dict(hello.versions) if hello else {},
        view_formats=list(FORMATS),
        h264_encoder=(await asyncio.to_thread(h264_codec)).name,
        ingest_formats=list(FORMATS),
        base_dir=str(get_base_dir()),
    )


@router.get("/api/v1/pipelines")
async def pipelines(host: HostDep) -> Pipelines:
    """Every pipeline with its schema, by id."""
    hello = host.show.status.hello
    if hello is None:
        return Pipelines(ready=False, pipelines={}, plugins=[], problems=[])
    schemas = {pipeline_id: dict(schema) for pipeline_id, schema in hello.pipelines.items()}
    plugins = [dict(report) for report in hello.plugins]
    return Pipelines(ready=True, pipelines=schemas, plugins=plugins, problems=list(hello.problems))


@router.get("/api/v1/hardware/info")
def hardware(host: HostDep) -> Hardware:
    """GPU, memory and disk."""
    hello = host.show.status.hello
    device = dict(hello.device) if hello else {}
    base = get_base_dir()
    return Hardware(
        vram_gb=device.get("memory_gb") if device.get("kind") not in (None, "cpu") else None,
        spout=_availability("spout"),
        ndi=_availability("ndi"),
        syphon=_availability("syphon"),
        device=device,
        cpu_count=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 2**30, 1),
        disk_free_gb=round(shutil.disk_usage(base if base.is_dir() else base.anchor).free / 2**30, 1),
    )


def _availability(port: str) -> Availability:
    kind = OUT_PORTS[port]
    missing = kind.missing(sys.platform)
    helps = missing is not None and (not kind.systems or sys.platform in kind.systems)
    hint = f"scope-host[{kind.extra}]" if helps else None
    return Availability(available=missing is None, reason=missing, install_hint=hint)


@router.get("/api/v1/logs/tail")
def log_tail(
    host: HostDep,
    lines: Annotated[int, Query(ge=1, le=1000)] = 200,
    since_offset: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> LogTail:
    """The last lines of the log, from `since_offset` on."""
    found, offset = tail(host.settings.logs, lines, since_offset)
    return LogTail(lines=found, offset=offset)


@router.post("/api/v1/restart")
async def restart(host: HostDep) -> Message:
    """Restart the engine; the server, its sockets and the set-up stay."""
    host.show.restart()
    return Message(message="Server restarting...")


@router.get("/api/v1/jobs")
async def jobs(host: HostDep) -> JobList:
    """Installs, downloads and what else takes a while."""
    return JobList(jobs=[JobInfo(**job) for job in host.jobs.list()])


@router.get("/api/v1/jobs/{job_id}", responses=problems(404))
async def job(job_id: str, host: HostDep) -> JobInfo:
    """One job."""
    found = host.jobs.get(job_id)
    if found is None:
        raise HTTPException(404, f"there is no job {job_id!r}")
    return JobInfo(**found)


@router.delete("/api/v1/jobs/{job_id}", responses=problems(404))
@router.post("/api/v1/jobs/{job_id}/cancel", responses=problems(404))
async def cancel(job_id: str, host: HostDep) -> Message:
    """Ask a job to end."""
    if not host.jobs.cancel(job_id):
        raise HTTPException(404, f"no job {job_id!r} is running")
    return Message(message=f"cancelling {job_id}")


@router.post("/api/v1/login", status_code=204, responses=problems(401, 429))
async def login(body: Login, request: Request, host: HostDep) -> Response:
    """Hand in the token; the cookie that comes back lets the browser in from now on."""
    rules = host.settings.rules
    response = Response(status_code=204)
    if rules.token is not None:
        request.state.guard.check_token(body.token, request.client.host if request.client else "")
        response.set_cookie(
            rules.cookie, rules.token, max_age=30 * 86400, httponly=True, samesite="strict", secure=rules.secure
        )
    return response
