"""The session without WebRTC, for scripts: start, frame, parameters, metrics, stop."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from scope.control.setup import Setup, Source
from scope.engine.events import Stats
from scope.engine.link import OUT
from scope.media.packets import open_encoder
from scope.server.edits import ShowError, stage_id_of
from scope.server.headless import HEADLESS, Session
from scope.server.host import Host, HostDep
from scope.server.messages import act, original_sinks, original_source
from scope.server.original.graph import Graph
from scope.server.original.pipelines import (
    CLIENT,
    LoadItem,
    chain,
    refusals,
    status_of,
)
from scope.server.show import Show
from scope.server.strict import StrictRoute, problems
from scope.server.transport_stream import MEDIA_TYPE, transport_stream

router = APIRouter(prefix="/api/v1/session", route_class=StrictRoute)

# The sink of the graph that clients of the original host draw.
_SINK = "output"
# How long a start waits for its pipelines, and a picture for the engine.
LOAD_SECONDS = 120.0
FRAME_SECONDS = 2.0


class StartRequest(BaseModel):
    """What to play. With a `graph` its pipeline nodes are the chain; otherwise `pipeline_id`, or what is loaded."""

    model_config = ConfigDict(extra="ignore")

    pipeline_id: Annotated[str | None, Field(max_length=200)] = None
    input_mode: Annotated[str, Field(max_length=20)] = "text"
    prompts: Annotated[list[dict[str, Any]] | None, Field(max_length=16)] = None
    input_source: dict[str, Any] | None = None
    graph: dict[str, Any] | None = None
    parameters: dict[str, Any] | None = None
    node_parameters: dict[str, dict[str, Any]] | None = None


@router.post("/start", responses=problems(400, 500))
async def start(body: StartRequest, host: HostDep) -> dict[str, Any]:
    """Play without a viewer, until `stop`. A second start replaces the first."""
    with refusals():
        _play(body, host)
        warnings = _set(body, host)
        sinks = Graph.read(body.graph).taps()
    await _ready(host.show)
    host.headless.start(sinks or {_SINK: OUT})
    answer = {
        "status": "ok",
        "input_mode": body.input_mode,
        "cloud_mode": False,
        "pipeline_id": body.pipeline_id or status_of(host.show).pipeline_id,
    }
    return answer | _told(warnings)


@router.get(
    "/frame",
    responses={200: {"content": {"image/jpeg": {}}}} | problems(404),
    response_class=Response,
)
async def frame(
    host: HostDep,
    quality: Annotated[int, Query(ge=1, le=100)] = 85,
    sink_node_id: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The newest picture as a JPEG: of the show, or what comes to the sink of the graph that is named."""
    picture, sinks = None, host.headless.sinks
    if host.headless.running:
        if sink_node_id is not None and sink_node_id not in sinks:
            raise HTTPException(404, f"sink_node_id: expected one of {', '.join(sinks)}, got {sink_node_id!r}")
        tap = OUT if sink_node_id is None else sinks[sink_node_id]
        picture = await asyncio.to_thread(host.headless.picture, tap, FRAME_SECONDS)
    if picture is None:
        raise HTTPException(404, "No frame available (no active session or pipeline not running)")
    packet = await asyncio.to_thread(open_encoder("jpeg", quality=quality).encode, picture.pixels)
    return Response(packet.data, media_type="image/jpeg")


@router.get(
    "/output.ts",
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "H.264 and AAC"}} | problems(404),
    response_class=StreamingResponse,
)
async def output(host: HostDep) -> StreamingResponse:
    """The show as an MPEG transport stream without end."""
    if not host.sessions:
        raise HTTPException(404, "No active session")
    stream = transport_stream(host.show.engine, host.watch)
    return StreamingResponse(stream, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


@router.post("/parameters", responses=problems(400))
async def set_parameters(body: dict[str, Any], host: HostDep) -> dict[str, Any]:
    """Values for every stage that has them, or for the one that `node_id` names. `warnings`: what has no effect here."""
    with refusals():
        warnings = act(host.desk, CLIENT, body)
    return {"status": "ok", "applied_parameters": body} | _told(warnings)


@router.get("/parameters")
async def parameters(host: HostDep) -> dict[str, Any]:
    """The values that were set, of all stages together; later stages win."""
    merged: dict[str, Any] = {}
    for stage in host.show.document.now["stages"]:
        merged |= stage["values"]
    prompts = host.show.document.now["prompts"]
    return {"parameters": merged | ({"prompts": prompts} if prompts else {})}


@router.get("/metrics")
async def metrics(host: HostDep) -> dict[str, Any]:
    """Frames a second of every running session; of the one show they all have the same."""
    stats = host.show.status.stats
    if stats is None:
        return {"sessions": {}, "gpu": {}}
    sessions = {name: _metrics(host, stats, session) for name, session in host.sessions.items()}
    if HEADLESS in sessions:
        sessions[HEADLESS]["headless"] = True
    return {"sessions": sessions, "gpu": dict(stats.gpu)}


@router.post("/stop", responses=problems(404))
async def stop(host: HostDep) -> dict[str, str]:
    """End the session; the show stays loaded."""
    if not host.headless.running:
        raise HTTPException(404, "No active headless session")
    host.headless.stop()
    return {"status": "ok", "message": "Headless session stopped"}


def _metrics(host: Host, stats: Stats, session: Session) -> dict[str, Any]:
    """`frames_in` counts from when the source began, which sessions share, as they do the sinks."""
    kind = _source_type(host.show.document.now["source"])
    return {
        "frames_in": stats.source_frames,
        "frames_out": session.frames,
        "elapsed_seconds": round(session.elapsed, 1),
        "fps_in": stats.source_fps,
        "fps_out": stats.fps,
        "pipeline_fps": stats.fps,
        "output_sinks": host.desk.sinks.states(),
        "input_source_enabled": bool(kind),
        "input_source_type": kind,
        "relay_mode": False,
    }


def _source_type(source: Mapping[str, Any]) -> str:
    """What the original host calls a source that the server reads itself; empty for one that a client sends or draws.

    >>> _source_type({"kind": "stream", "path": "ndi://Desk"})
    'ndi'
    """
    if source["kind"] == "stream":
        return str(source["path"]).partition("://")[0]
    return "video_file" if source["kind"] == "file" else ""


def _play(body: StartRequest, host: Host) -> None:
    """Make the show what is asked for; what is loaded stays where the request names nothing else."""
    show = host.show
    items = Graph.read(body.graph).items()
    if not items and body.pipeline_id:
        items = [LoadItem(node_id=body.pipeline_id, pipeline_id=body.pipeline_id)]
    if not items and not show.document.now["stages"]:
        raise ShowError("nothing is loaded: give pipeline_id or graph, or load a pipeline first")
    before = show.document.setup
    stages = chain(items, show.status.pipelines, before.stages) if items else before.stages
    setup = before.model_copy(update={"stages": stages, "source": _source(body, before.source)})
    if setup != before:
        show.load(Setup.model_validate(setup.model_dump()), CLIENT, "session")


def _source(body: StartRequest, before: Source) -> Source:
    """The source that is named; in video mode without one that of the show, or the test pattern."""
    if body.input_mode != "video":
        return Source(kind="none")
    if (named := original_source(body.input_source) or Graph.read(body.graph).source()) is not None:
        return Source.model_validate(named)
    return Source(kind="pattern") if before.kind == "none" else before


def _told(warnings: Sequence[str]) -> dict[str, Any]:
    """What the original host's answers do not have is there only when there is something to tell."""
    return {"warnings": list(warnings)} if warnings else {}


def _set(body: StartRequest, host: Host) -> list[str]:
    values = dict(body.parameters or {})
    if sinks := Graph.read(body.graph).sinks():
        values["output_sinks"] = sinks | original_sinks(values)
    if body.prompts:
        values["prompts"] = body.prompts
    warnings = act(host.desk, CLIENT, values) if values else []
    for node, own in (body.node_parameters or {}).items():
        host.show.set_values(stage_id_of(node), own, CLIENT)
    return warnings


async def _ready(show: Show) -> None:
    deadline = time.monotonic() + LOAD_SECONDS
    while (status := status_of(show)).status == "loading" and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    if status.status != "loaded":
        raise HTTPException(500, status.error or f"the pipelines did not load in {LOAD_SECONDS:g} seconds")
