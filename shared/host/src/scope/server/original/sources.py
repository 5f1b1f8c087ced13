"""`/input-sources`: which sources there are, and what each looks like before it is chosen."""

import sys
from collections.abc import Generator, Iterator
from typing import Annotated

import numpy as np
from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from scope.core.config import get_assets_dir
from scope.media.errors import MediaError
from scope.media.ports import IN_PORTS, PortError
from scope.media.ports.extras import ndi_names
from scope.server.files import FileError, Folder
from scope.server.previews import MEDIA_TYPE, pictures_of_file, pictures_of_port, preview
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1/input-sources", route_class=StrictRoute)

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


class Resolution(BaseModel):
    """The size of a source's pictures, in pixels."""

    width: int
    height: int


_PREVIEW = {200: {"content": {MEDIA_TYPE: {}}, "description": "JPEG after JPEG"}}
Timeout = Annotated[int, Query(ge=0, le=60_000)]


@router.get("")
async def kinds() -> InputSources:
    """The kinds of sources. Spout and Syphon are ways out only."""
    available = {"video_file": True, "ndi": _has_ndi()}
    return InputSources(
        input_sources=[
            InputSource(source_id=kind, source_name=name, source_description=what, available=available.get(kind, False))
            for kind, (name, what) in _TYPES.items()
        ]
    )


@router.get("/{source_type}/sources", responses=problems(404))
def sources(source_type: str, timeout_ms: Timeout = 5000) -> FoundSources:
    """The films among the assets, or the NDI sources of the network, of which the first may take as long as is given."""
    _check(source_type)
    found: list[FoundSource] = []
    if source_type == "video_file":
        films = Folder(get_assets_dir()).list("video")
        found = [FoundSource(name=entry.path.name, identifier=str(entry.path)) for entry in films]
    elif source_type == "ndi" and _has_ndi():
        found = [FoundSource(name=name, identifier=name) for name in ndi_names(timeout_ms / 1000)]
    return FoundSources(source_type=source_type, sources=found)


@router.get("/{source_type}/sources/{identifier:path}/resolution", responses=problems(404))
def resolution(source_type: str, identifier: str, timeout_ms: Timeout = 5000) -> Resolution:
    """How large its pictures are."""
    first, pictures = _opened(source_type, identifier, 30.0)
    if isinstance(pictures, Generator):
        pictures.close()
    return Resolution(width=first.shape[1], height=first.shape[0])


@router.get(
    "/{source_type}/sources/{identifier:path}/stream",
    responses=problems(404) | _PREVIEW,
    response_class=StreamingResponse,
)
def stream(
    source_type: str,
    identifier: str,
    fps: Annotated[int, Query(ge=1, le=30)] = 2,
    flip_vertical: Annotated[bool, Query()] = False,
) -> StreamingResponse:
    """A small moving picture of it, until the client goes."""
    first, pictures = _opened(source_type, identifier, fps)
    parts = preview(first, pictures, fps, flip=flip_vertical)
    return StreamingResponse(parts, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _opened(source_type: str, identifier: str, fps: float) -> tuple[np.ndarray, Iterator[np.ndarray]]:
    """The first picture of a source, and those after it."""
    _check(source_type)
    try:
        pictures = _pictures(source_type, identifier, fps)
        first = next(pictures, None)
    except (FileError, MediaError, PortError) as error:
        raise HTTPException(404, str(error)) from error
    if first is None:
        raise HTTPException(404, f"no picture comes from {identifier!r}")
    return first, pictures


def _pictures(source_type: str, identifier: str, fps: float) -> Iterator[np.ndarray]:
    if source_type == "video_file":
        return pictures_of_file(Folder(get_assets_dir()).find(identifier), fps)
    return pictures_of_port(source_type, identifier)


def _has_ndi() -> bool:
    return IN_PORTS["ndi"].missing(sys.platform) is None


def _check(source_type: str) -> None:
    if source_type not in _TYPES:
        raise HTTPException(404, f"Unknown source type '{source_type}'")
