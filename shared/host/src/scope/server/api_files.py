"""Routes of files: assets that users bring, recordings and snapshots that the show makes."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

import anyio
from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel
from starlette.responses import FileResponse

from scope.control.setup import parse_setup
from scope.core.config import get_assets_dir
from scope.engine.link import IN, OUT, Engine, Picture
from scope.media.errors import MediaError
from scope.media.snapshot import text_of_png, to_png
from scope.server.api_setup import CLIENT, SetupState, current, refusals
from scope.server.files import Entry, FileError, Folder
from scope.server.host import Host, HostDep
from scope.server.recorder import RecorderError
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1", route_class=StrictRoute)

PNG_KEY = "scope"
_MAX_SNAPSHOT = 50_000_000
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_BINARY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file"}
}
_PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}, "description": "The picture"}}


class Asset(BaseModel):
    """A file in the assets folder. `path` is absolute on the server; `created_at` in Unix seconds."""

    name: str
    path: str
    size_mb: float
    folder: str | None
    type: str
    created_at: float
    url: str


class AssetList(BaseModel):
    """Every asset, the newest first."""

    assets: list[Asset]


class Running(BaseModel):
    """The recording that runs."""

    name: str
    seconds: float
    frames: int
    dropped: int
    megabytes: float


class RecordingEntry(BaseModel):
    """A finished recording."""

    name: str
    size_mb: float
    created_at: float
    url: str


class RecordingList(BaseModel):
    """The running recording, and the finished ones, the newest first."""

    running: Running | None
    recordings: list[RecordingEntry]


class RecordingName(BaseModel):
    """The file that is being written."""

    name: str


class RecordingResult(BaseModel):
    """A recording that ended; `problem` says what is wrong with it."""

    name: str
    seconds: float
    frames: int
    dropped: int
    problem: str | None


@router.get("/assets")
def list_assets(type: Annotated[Literal["image", "video", "audio"] | None, Query()] = None) -> AssetList:  # noqa: A002
    """Pictures, films and sounds that users brought."""
    return AssetList(assets=[_asset(entry) for entry in Folder(get_assets_dir()).list(type)])


@router.put("/assets/{name}", status_code=201, responses=problems(400, 413, 507), openapi_extra=_UPLOAD)
async def put_asset(name: str, request: Request) -> Asset:
    """Store an upload, at most 2 GB; a file of that name is replaced when the new one is whole."""
    return await _stored(name, request)


@router.post("/assets", responses=problems(400, 413, 507), openapi_extra=_UPLOAD)
async def post_asset(filename: Annotated[str, Query(max_length=200)], request: Request) -> Asset:
    """The same in the original host's form."""
    return await _stored(filename, request)


@router.get("/assets/{name:path}", responses=problems(404) | _BINARY)
def get_asset(name: str) -> FileResponse:
    """The file."""
    return _file(Folder(get_assets_dir()), name)


@router.delete("/assets/{name:path}", status_code=204, responses=problems(400, 404))
def delete_asset(name: str) -> Response:
    """Remove the file."""
    return _deleted(Folder(get_assets_dir()), name)


@router.get("/recordings")
def list_recordings(host: HostDep) -> RecordingList:
    """What was recorded, and what is being recorded."""
    state = host.recorder.state
    running = None if state is None else Running(**state)
    return RecordingList(running=running, recordings=[_recording(film) for film in _films(host)])


@router.post("/recordings", status_code=201, responses=problems(409))
async def start_recording(host: HostDep) -> RecordingName:
    """Begin to record what the show puts out."""
    try:
        return RecordingName(name=host.recorder.start())
    except RecorderError as error:
        raise HTTPException(409, str(error)) from error


@router.post("/recordings/stop", responses=problems(409))
async def stop_recording(host: HostDep) -> RecordingResult:
    """End it; the file is complete when this answers."""
    try:
        return RecordingResult(**asdict(await host.recorder.stop()))
    except RecorderError as error:
        raise HTTPException(409, str(error)) from error


@router.get("/recordings/{name}", responses=problems(404) | _BINARY)
def get_recording(name: str, host: HostDep) -> FileResponse:
    """The film, to be downloaded; under the id of a session that runs, the newest one."""
    films = _films(host) if name in host.sessions else []
    return _file(Folder(host.recorder.folder), films[0].path.name if films else name, download=True)


@router.delete("/recordings/{name}", status_code=204, responses=problems(400, 404))
def delete_recording(name: str, host: HostDep) -> Response:
    """Remove the film."""
    return _deleted(Folder(host.recorder.folder), name)


@router.get("/snapshot.png", response_class=Response, responses=problems(404) | _PNG)
async def snapshot(host: HostDep, stage: Annotated[str, Query(max_length=64)] = OUT) -> Response:
    """The newest picture with the set-up inside it."""
    if stage not in (OUT, IN) and host.show.document.stage(stage) is None:
        raise HTTPException(404, f"there is no stage {stage!r}")
    owner = object()
    host.watch.claim(owner, stage, 30.0)
    try:
        picture = await anyio.to_thread.run_sync(_picture, host.show.engine, stage)
    finally:
        host.watch.release(owner)
    if picture is None:
        raise HTTPException(404, f"there is no picture of {stage!r} yet")
    text = host.show.document.setup.model_dump_json(ensure_ascii=True)
    data = await anyio.to_thread.run_sync(to_png, picture.pixels, {PNG_KEY: text})
    return Response(data, media_type="image/png", headers={"Cache-Control": "no-store"})


@router.post("/setup/picture", responses=problems(400, 413), openapi_extra=_UPLOAD)
async def load_picture(request: Request, host: HostDep) -> SetupState:
    """Load the set-up that a snapshot carries."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > _MAX_SNAPSHOT:
            raise HTTPException(413, f"expected a picture of at most {_MAX_SNAPSHOT} bytes")
    with refusals():
        try:
            setup = parse_setup(text_of_png(bytes(data), PNG_KEY))
        except MediaError as error:
            raise HTTPException(400, str(error)) from error
        host.show.load(setup, CLIENT, "picture")
    return current(host)


def _picture(engine: Engine, stage: str) -> Picture | None:
    """The next picture, else (a paused show makes none) the last one: where nobody watched, that one may be old."""
    last = engine.frame(stage, 0, 0.0)
    return engine.frame(stage, last.number if last else 0, 1.0) or last


async def _stored(name: str, request: Request) -> Asset:
    try:
        return _asset(await Folder(get_assets_dir()).store(name, request.stream()))
    except FileError as error:
        raise HTTPException(error.status, str(error)) from error


def _file(folder: Folder, name: str, *, download: bool = False) -> FileResponse:
    try:
        path = folder.find(name)
    except FileError as error:
        raise HTTPException(error.status, str(error)) from error
    return FileResponse(path, filename=path.name if download else None)


def _deleted(folder: Folder, name: str) -> Response:
    try:
        folder.delete(name)
    except FileError as error:
        raise HTTPException(error.status, str(error)) from error
    return Response(status_code=204)


def _asset(entry: Entry) -> Asset:
    name = entry.path.relative_to(get_assets_dir()).as_posix()
    folder = Path(name).parent.as_posix()
    return Asset(
        name=entry.path.stem,
        path=str(entry.path),
        size_mb=round(entry.size / 1e6, 2),
        folder=None if folder == "." else folder,
        type=entry.kind,
        created_at=entry.modified,
        url=f"/api/v1/assets/{quote(name)}",
    )


def _films(host: Host) -> list[Entry]:
    """The finished recordings, the newest first."""
    state = host.recorder.state
    running = None if state is None else state["name"]
    return [entry for entry in Folder(host.recorder.folder).list("video") if entry.path.name != running]


def _recording(entry: Entry) -> RecordingEntry:
    name = entry.path.name
    url = f"/api/v1/recordings/{quote(name)}"
    return RecordingEntry(name=name, size_mb=round(entry.size / 1e6, 2), created_at=entry.modified, url=url)
