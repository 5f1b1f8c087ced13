"""`/recordings/{session}/…` and `/logs/current`: the original host's ways to what this one has too."""

from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from scope.server.host import Host, HostDep
from scope.server.recorder import RecorderError
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1", route_class=StrictRoute)


class RecordingStatus(BaseModel):
    """What became of the recording."""

    status: Literal["started", "stopped"]
    warnings: list[str] | None = None


NodeId = Annotated[str | None, Query(max_length=200)]
_ONE = "node_id: has no effect; this host records what the show puts out, whichever node asks"


@router.post("/recordings/{session_id}/start", responses=problems(404, 409), response_model_exclude_none=True)
async def start(session_id: str, host: HostDep, node_id: NodeId = None) -> RecordingStatus:
    """Record the show; there is one, so every session records the same."""
    _check(session_id, host)
    try:
        host.recorder.start()
    except RecorderError as error:
        raise HTTPException(409, str(error)) from error
    return RecordingStatus(status="started", warnings=_warnings(node_id))


@router.post("/recordings/{session_id}/stop", responses=problems(404, 409), response_model_exclude_none=True)
async def stop(session_id: str, host: HostDep, node_id: NodeId = None) -> RecordingStatus:
    """End the recording; `GET /recordings/{session_id}` gives its film."""
    _check(session_id, host)
    try:
        await host.recorder.stop()
    except RecorderError as error:
        raise HTTPException(409, str(error)) from error
    return RecordingStatus(status="stopped", warnings=_warnings(node_id))


@router.get("/logs/current", response_class=PlainTextResponse)
def log(host: HostDep) -> PlainTextResponse:
    """The log as a text file."""
    return PlainTextResponse(_text(host.settings.logs))


def _text(path: Path | None) -> str:
    return path.read_text("utf-8", "replace") if path is not None and path.is_file() else ""


def _warnings(node_id: str | None) -> list[str] | None:
    return None if node_id is None else [_ONE]


def _check(session_id: str, host: Host) -> None:
    if session_id not in host.sessions:
        raise HTTPException(404, f"Session {session_id} not found")
