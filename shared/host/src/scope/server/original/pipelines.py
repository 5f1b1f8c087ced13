"""`/pipeline/load`, `/pipeline/status`, `/pipelines/schemas`, `/nodes/definitions`."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scope.control.explain import sentence
from scope.control.setup import Role, Setup, SetupError, Stage
from scope.server.edits import ShowError, stage_id_of
from scope.server.host import HostDep
from scope.server.show import Show
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1", route_class=StrictRoute)

# Who edits the set-up when a client of the original API does.
CLIENT = "original-api"
Id = Annotated[str, Field(min_length=1, max_length=200)]
Load = Annotated[dict[str, Any], Field(max_length=500)]


class _Request(BaseModel):
    """Clients of the original host send more than is needed here; it is passed over."""

    model_config = ConfigDict(extra="ignore")


class LoadItem(_Request):
    """One pipeline of the chain; `node_id` is how messages address it."""

    node_id: Id
    pipeline_id: Id
    load_params: Load | None = None


class LoadRequest(_Request):
    """The chain in order of flow, with nodes or by ids alone."""

    pipelines: Annotated[list[LoadItem], Field(max_length=32)] | None = None
    pipeline_ids: Annotated[list[Id], Field(max_length=32)] | None = None
    load_params: Load | None = None


class Message(BaseModel):
    """What was begun."""

    message: str


class Status(BaseModel):
    """How far the chain is; `error` is a sentence."""

    status: Literal["not_loaded", "loading", "loaded", "error"]
    pipeline_id: str | None = None
    load_params: dict[str, Any] | None = None
    loaded_lora_adapters: list[dict[str, Any]] | None = None
    error: str | None = None
    loading_stage: str | None = None
    produces_video: bool = True
    produces_audio: bool = False


class Schemas(BaseModel):
    """Pipelines by id: metadata, `config_schema`, `mode_defaults`, `plugin_name`."""

    pipelines: dict[str, dict[str, Any]]


class Nodes(BaseModel):
    """Every pipeline as a node with ports and parameters."""

    nodes: list[dict[str, Any]]


@router.post("/pipeline/load", responses=problems(400))
async def load(body: LoadRequest, host: HostDep) -> Message:
    """Make the chain the show. The same request again changes nothing and leaves the stream alone."""
    with refusals():
        before = host.show.document.setup
        stages = chain(_items(body), host.show.status.pipelines, before.stages)
        if [_identity(stage) for stage in stages] != [_identity(stage) for stage in before.stages]:
            setup = before.model_copy(update={"stages": stages})
            host.show.load(Setup.model_validate(setup.model_dump()), CLIENT, "load")
    return Message(message="Pipeline loading initiated successfully")


@router.get("/pipeline/status")
async def status(host: HostDep) -> Status:
    """Whether the chain plays; for clients that poll."""
    return status_of(host.show)


@router.get("/pipelines/schemas")
async def schemas(host: HostDep) -> Schemas:
    """What the engine found; empty until it has said hello."""
    return Schemas(pipelines={name: _schema(s) for name, s in host.show.status.pipelines.items()})


@router.get("/nodes/definitions")
async def nodes(host: HostDep) -> Nodes:
    """Pipelines as nodes. Nodes that plugins register are not run by this host, and not listed here."""
    return Nodes(nodes=[_node(name, s) for name, s in host.show.status.pipelines.items()])


@contextmanager
def refusals() -> Generator[None]:
    """What the show or the document refuses is status 400 with the sentence."""
    try:
        yield
    except (ShowError, SetupError) as error:
        raise HTTPException(400, str(error)) from error
    except ValidationError as error:
        raise HTTPException(400, sentence(error)) from error


def chain(items: Sequence[LoadItem], schemas: Mapping[str, Mapping[str, Any]], before: Sequence[Stage]) -> list[Stage]:
    """The stages of a request: roles by what the pipelines are for, values kept where node and pipeline stay."""
    main = _main(items, schemas)
    known = {(stage.id, stage.pipeline): stage.values for stage in before}
    stages = []
    for index, item in enumerate(items):
        role: Role = "main" if index == main else "pre" if index < main else "post"
        stage_id = stage_id_of(item.node_id)
        values = known.get((stage_id, item.pipeline_id), {})
        stages.append(
            Stage(id=stage_id, pipeline=item.pipeline_id, role=role, load=item.load_params or {}, values=values)
        )
    return stages


def status_of(show: Show) -> Status:
    """The state of the show in the original host's words."""
    stages = [stage for stage in show.document.now["stages"] if stage["on"]]
    if not stages:
        return Status(status="not_loaded")
    main = next((stage for stage in stages if stage["role"] == "main"), stages[0])
    schema = show.status.pipelines.get(main["pipeline"], {})
    found = Status(
        status="loading",
        pipeline_id=main["pipeline"],
        load_params=main["load"],
        produces_video=schema.get("produces_video", True),
        produces_audio=schema.get("produces_audio", False),
    )
    ids = {stage["id"] for stage in stages}
    failed = [f for f in show.status.faults.values() if f.kind in ("load", "setup") and f.stage in ids]
    stays_down = show.status.engine == "dead" and show.status.again_in is None
    if failed or stays_down:
        text = failed[0].text if failed else show.status.text
        return found.model_copy(update={"status": "error", "error": text})
    if show.status.engine == "ready" and ids <= set(show.status.playing):
        return found.model_copy(update={"status": "loaded"})
    step = show.status.loading.step if show.status.loading else show.status.text
    return found.model_copy(update={"loading_stage": step})


def _items(body: LoadRequest) -> list[LoadItem]:
    if body.pipelines is not None:
        return body.pipelines
    if body.pipeline_ids is None:
        raise HTTPException(400, "Either 'pipelines' or 'pipeline_ids' must be provided")
    ids = body.pipeline_ids
    names = [name if ids.index(name) == i else f"{name}-{ids[:i].count(name) + 1}" for i, name in enumerate(ids)]
    return [
        LoadItem(node_id=node, pipeline_id=name, load_params=body.load_params)
        for node, name in zip(names, ids, strict=True)
    ]


def _main(items: Sequence[LoadItem], schemas: Mapping[str, Mapping[str, Any]]) -> int:
    """The main pipeline: the last that is for nothing else, otherwise the last that is no postprocessor."""
    usages = [schemas.get(item.pipeline_id, {}).get("usage", []) for item in items]
    plain = [i for i, usage in enumerate(usages) if not usage]
    others = [i for i, usage in enumerate(usages) if "postprocessor" not in usage]
    return (plain or others or [0])[-1]


def _identity(stage: Stage) -> tuple[str, str, dict[str, Any], bool]:
    return stage.id, stage.pipeline, stage.load, stage.on


def _schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: value for key, value in schema.items() if key not in ("plugin", "artifacts")}
    return known | {"plugin_name": schema.get("plugin")}


def _node(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = schema.get("config_schema", {}).get("properties", {})
    return {
        "node_type_id": name,
        "display_name": schema.get("name", name),
        "category": "pipeline",
        "description": schema.get("description", ""),
        "inputs": [_port(port) for port in schema.get("inputs", ["video"])],
        "outputs": [_port(port) for port in schema.get("outputs", ["video"])],
        "params": [_param(key, entry) for key, entry in properties.items() if "ui" in entry],
        "continuous": True,
        "pipeline_meta": _schema(schema),
        "plugin_name": schema.get("plugin"),
    }


def _port(name: str) -> dict[str, Any]:
    return {"name": name, "port_type": "video", "required": False, "description": "", "default_value": None}


def _param(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "param_type": entry.get("type", "any"),
        "default": entry.get("default"),
        "description": entry.get("description", ""),
        "ui": entry["ui"],
        "convertible_to_input": entry.get("type") in ("number", "integer", "boolean"),
    }
