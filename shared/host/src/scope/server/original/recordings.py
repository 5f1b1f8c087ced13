"""`/recordings/{session}/…` and `/logs/current`: the original host's ways to what this one has too."""

from pathlib import Path
from typing import Literal

from fastapi import APIRouter, HTTPException
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from scope.server.host import Host, HostDep
from scope.server.recorder import RecorderError
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1", route_class=StrictRoute)


class RecordingStatus(BaseModel):
    """What became of the recording."""

    status: Literal["started", "stopped"]


@router.post("/recordings/{session_id}/start", responses=problems(404, 409))
async def start(session_id: str, host: HostDep) -> RecordingStatus:
    """Record the show; there is one, so every session records the same."""
    _check(session_id, host)
    try:
        host.recorder.start()
    except RecorderError as error:
        raise HTTPException(409, str(error)) from error
    return RecordingStatus(status="started")


@router.post("/recordings/{session_id}/stop", responses=problems(404, 409))
async def stop(session_id: str, host: HostDep) -> RecordingStatus:
    """End the recording; `GET /recordings/{session_id}` gives its film."""
    _check(session_id, host)
    try:
        await host.recorder.stop()
    except RecorderError as error:
        raise HTTPException(409, str(error)) from error
    return RecordingStatus(status="stopped")


@router.get("/logs/current", response_class=PlainTextResponse)
def log(host: HostDep) -> PlainTextResponse:
    """The log as a text file."""
    return PlainTextResponse(_text(host.settings.logs))


def _text(path: Path | None) -> str:
    return path.read_text("utf-8", "replace") if path is not None and path.is_file() else ""


def _check(session_id: str, host: Host) -> None:
    if session_id not in host.sessions:
        raise HTTPException(404, f"Session {session_id} not found")
