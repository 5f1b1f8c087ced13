"""Routes of the set-up: read, patch, replace, undo, presets, scenes."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field

from scope.control.patch import Operation
from scope.control.presets import PresetError
from scope.control.scenes import free_id, stored
from scope.control.setup import Name, Setup, SetupError, StageId, Thumbnail, check_setup
from scope.server.edits import ShowError
from scope.server.host import Host, HostDep
from scope.server.in_order import IN_ORDER
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1", route_class=StrictRoute, dependencies=[IN_ORDER])

# Who changes the set-up over REST; the control sockets have names of their own.
CLIENT = "api"
Seconds = Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SetupState(BaseModel):
    """The set-up and its revision; `undo` and `redo` name what they would do."""

    setup: Setup
    rev: int
    undo: str | None
    redo: str | None


class PatchBody(_Body):
    """A JSON Patch. With `rev`, only if the set-up still has this revision. Changes of one gesture are one step."""

    patch: Annotated[list[Operation], Field(max_length=1000)]
    rev: int | None = None
    gesture: Annotated[str | None, Field(max_length=100)] = None
    label: Annotated[str | None, Field(max_length=100)] = None
    by: Annotated[str, Field(max_length=100)] = CLIENT


class SetupBody(_Body):
    """A whole document."""

    setup: dict[str, Any]


class PresetBody(_Body):
    """A document to save, or nothing for the show as it stands."""

    setup: dict[str, Any] | None = None


class PresetEntry(BaseModel):
    """A preset and when it was saved, in Unix seconds."""

    name: str
    modified: float


class PresetList(BaseModel):
    """Every preset, by name."""

    presets: list[PresetEntry]


class SceneBody(_Body):
    """What to call the scene; with the `id` of a scene that is there, that one is replaced."""

    id: StageId | None = None
    name: Name | None = None
    fade: Seconds | None = None
    picture: Thumbnail | None = None


class RecallBody(_Body):
    """How long the way to the scene takes; its own fade without."""

    fade: Seconds | None = None


@router.get("/setup")
async def read(host: HostDep) -> SetupState:
    """The set-up as it stands."""
    return current(host)


@router.patch("/setup", responses=problems(400, 409))
async def patch(body: PatchBody, host: HostDep) -> SetupState:
    """Change parts of it."""
    host.show.document.flush()
    if body.rev is not None and body.rev != host.show.document.rev:
        raise HTTPException(409, f"the set-up has revision {host.show.document.rev} by now, not {body.rev}")
    with refusals():
        host.performance.quantized.patch(body.patch, body.by, body.label, body.gesture)
    return current(host)


@router.put("/setup", responses=problems(400))
async def replace(body: SetupBody, host: HostDep) -> SetupState:
    """Replace it as a whole; load parameters apply at once."""
    with refusals():
        host.show.load(check_setup(body.setup), CLIENT, "set-up")
    return current(host)


@router.post("/setup/undo", responses=problems(409))
async def undo(host: HostDep) -> SetupState:
    """Take the last step back, whoever made it."""
    if not host.show.undo(CLIENT):
        raise HTTPException(409, "there is nothing to undo")
    return current(host)


@router.post("/setup/redo", responses=problems(409))
async def redo(host: HostDep) -> SetupState:
    """Do the step again that was undone last."""
    if not host.show.redo(CLIENT):
        raise HTTPException(409, "there is nothing to redo")
    return current(host)


@router.post("/stages/{stage_id}/reload", status_code=202, responses=problems(400))
async def reload(stage_id: str, host: HostDep) -> SetupState:
    """Load a stage again with the load parameters it has in the set-up; the old instance plays until then."""
    with refusals():
        host.show.reload(stage_id)
    return current(host)


@router.get("/presets")
def list_presets(host: HostDep) -> PresetList:
    """Every saved set-up."""
    return PresetList(presets=[PresetEntry(name=p.name, modified=p.modified) for p in host.presets.list()])


@router.get("/presets/{name}", responses=problems(400))
def read_preset(name: str, host: HostDep) -> Setup:
    """The document of one preset."""
    with refusals():
        return host.presets.load(name)


@router.put("/presets/{name}", status_code=204, responses=problems(400))
async def save_preset(name: str, body: PresetBody, host: HostDep) -> Response:
    """Save the show as it stands, or the document given, under a name."""
    with refusals():
        host.presets.save(name, host.show.document.setup if body.setup is None else check_setup(body.setup))
    return Response(status_code=204)


@router.post("/presets/{name}/load", responses=problems(400))
async def load_preset(name: str, host: HostDep) -> SetupState:
    """Make a preset the show."""
    with refusals():
        host.show.load(host.presets.load(name), CLIENT, name)
    return current(host)


@router.delete("/presets/{name}", status_code=204, responses=problems(400))
def delete_preset(name: str, host: HostDep) -> Response:
    """Remove a preset's file."""
    with refusals():
        host.presets.delete(name)
    return Response(status_code=204)


@router.post("/scenes", responses=problems(400))
async def store_scene(body: SceneBody, host: HostDep) -> SetupState:
    """Store values, switches and prompts as they stand."""
    setup = host.show.document.setup
    old = next((scene for scene in setup.scenes if scene.id == body.id), None)
    scene_id = body.id or free_id(setup)
    name = body.name or (old.name if old else f"Scene {len(setup.scenes) + 1}")
    fade = body.fade if body.fade is not None else (old.fade if old else 0.0)
    scene = stored(setup, scene_id, name, fade, body.picture).model_dump(mode="json")
    step = Operation(op="replace" if old else "add", path=f"/scenes/{scene_id if old else '-'}", value=scene)
    with refusals():
        host.show.patch([step], CLIENT, label=name)
    return current(host)


@router.post("/scenes/{scene_id}/recall", responses=problems(404))
async def recall_scene(scene_id: str, body: RecallBody, host: HostDep) -> SetupState:
    """Go to a scene: numbers glide, everything else switches."""
    scene = next((scene for scene in host.show.document.setup.scenes if scene.id == scene_id), None)
    if scene is None:
        raise HTTPException(404, f"there is no scene {scene_id!r}")
    host.performance.quantized.recall(scene, CLIENT, body.fade)
    return current(host)


class refusals:  # noqa: N801 - a context manager, read like a function
    """Turn what the rooms below refuse into an answer with status 400."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, ShowError | SetupError | PresetError):
            raise HTTPException(400, str(error)) from error


def current(host: Host) -> SetupState:
    """What every change of the set-up answers."""
    return SetupState(**host.show.audience.summary())
