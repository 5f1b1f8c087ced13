"""`/input-sources`, `/recordings/{session}/…` and `/logs/current`: the original host's ways to what this one has too."""

import sys
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, HTTPException
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from scope.core.config import get_assets_dir
from scope.media.ports import IN_PORTS
from scope.server.files import Folder
from scope.server.host import Host, HostDep
from scope.server.recorder import RecorderError
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1", route_class=StrictRoute)

_HEADLESS = "headless"
_TYPES = {
    "video_file": ("Video file", "A film among the assets"),
    "ndi": ("NDI", "Video of another program or machine over the network"),
    "spout": ("Spout", "Video of another program on Windows"),
    "syphon": ("Syphon", "Video of another program on macOS"),
}


class InputSource(BaseModel):
    """A kind of source, and whether this machine has it."""

    source_id: str
    source_name: str
    source_description: str
    available: bool


class InputSources(BaseModel):
    """Every kind that the original host knows."""

    input_sources: list[InputSource]


class FoundSource(BaseModel):
    """One source; `identifier` is what `input_source.source_name` names it by."""

    name: str
    identifier: str


class FoundSources(BaseModel):
    """The sources of one kind."""

    source_type: str
    sources: list[FoundSource]


class RecordingStatus(BaseModel):
    """What became of the recording."""

    status: Literal["started", "stopped"]


@router.get("/input-sources")
async def kinds() -> InputSources:
    """The kinds of sources. NDI sources are named, not searched for; Spout and Syphon are ways out only."""
    available = {"video_file": True, "ndi": IN_PORTS["ndi"].missing(sys.platform) is None}
    return InputSources(
        input_sources=[
            InputSource(source_id=kind, source_name=name, source_description=what, available=available.get(kind, False))
            for kind, (name, what) in _TYPES.items()
        ]
    )


@router.get("/input-sources/{source_type}/sources", responses=problems(404))
def sources(source_type: str) -> FoundSources:
    """The films among the assets; of the other kinds none is found by itself."""
    if source_type not in _TYPES:
        raise HTTPException(404, f"Unknown source type '{source_type}'")
    films = Folder(get_assets_dir()).list("video") if source_type == "video_file" else []
    found = [FoundSource(name=entry.path.name, identifier=str(entry.path)) for entry in films]
    return FoundSources(source_type=source_type, sources=found)


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
    """End the recording; its file is among the recordings."""
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
    known = host.peers.ids + ([_HEADLESS] if host.headless.running else [])
    if session_id not in known:
        raise HTTPException(404, f"Session {session_id} not found")
