"""`/workflow/resolve`: what a workflow of the original host needs, held against what is here."""

from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from pydantic import BaseModel, ConfigDict, Field

from scope.install.listing import list_plugins
from scope.install.redact import redact
from scope.models.loras import Loras
from scope.server.host import HostDep
from scope.server.strict import StrictRoute

router = APIRouter(prefix="/api/v1/workflow", route_class=StrictRoute)

Text = Annotated[str, Field(max_length=300)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Lora(_Request):
    """A file that a node uses; with a provenance it can be fetched."""

    filename: Annotated[str, Field(max_length=255)]
    provenance: dict[str, Any] | None = None


class PipelineSource(_Request):
    """Where a node's pipeline comes from."""

    type: Literal["builtin", "pypi", "git", "local"]
    plugin_name: Annotated[str | None, Field(min_length=1, max_length=300)] = None
    plugin_version: Text | None = None
    package_spec: Annotated[str | None, Field(max_length=2000)] = None


class Node(_Request):
    """One pipeline of the workflow."""

    node_type_id: Annotated[str, Field(min_length=1, max_length=200)]
    source: PipelineSource
    loras: Annotated[list[Lora], Field(max_length=100)] = []


class Workflow(_Request):
    """What is wanted."""

    nodes: Annotated[list[Node], Field(max_length=100)] = []
    min_scope_version: Text | None = None


class Item(BaseModel):
    """One thing that is needed. `action`: what a person can do; `can_auto_resolve`: a client can do it by this API."""

    kind: Literal["pipeline", "plugin", "lora"]
    name: str
    status: Literal["ok", "missing", "version_mismatch"]
    detail: str | None = None
    action: str | None = None
    can_auto_resolve: bool = False


class Resolution(BaseModel):
    """`can_apply`: nothing is missing."""

    can_apply: bool
    items: list[Item]
    warnings: list[str]


@router.post("/resolve")
def resolve(body: Workflow, host: HostDep) -> Resolution:
    """Look for every pipeline, plugin and LoRA of the workflow; nothing is changed."""
    plugins = {entry.name: entry.version for entry in list_plugins(host.plugins.store).entries}
    items = [item for node in body.nodes for item in _items(node, host.show.status.pipelines, plugins)]
    warnings = [] if body.min_scope_version is None else list(_warnings(body.min_scope_version))
    return Resolution(can_apply=all(item.status != "missing" for item in items), items=items, warnings=warnings)


def _items(node: Node, pipelines: Mapping[str, Any], plugins: Mapping[str, str]) -> Iterator[Item]:
    if node.source.plugin_name is not None and node.source.type != "builtin":
        yield _plugin(node.source, node.source.plugin_name, plugins)
    there = node.node_type_id in pipelines
    detail = None if there else f"no pipeline here is called {node.node_type_id!r}"
    yield Item(kind="pipeline", name=node.node_type_id, status="ok" if there else "missing", detail=detail)
    yield from map(_lora, node.loras)


def _plugin(source: PipelineSource, name: str, plugins: Mapping[str, str]) -> Item:
    installed = plugins.get(canonicalize_name(name))
    if installed is None:
        spec = redact(source.package_spec or name)
        fetched = source.type != "local"
        action = f"install {spec}" if fetched else "copy its folder to this machine and install it"
        return Item(
            kind="plugin",
            name=name,
            status="missing",
            detail=f"{name} is not installed",
            action=action,
            can_auto_resolve=fetched,
        )
    if source.plugin_version in (None, installed):
        return Item(kind="plugin", name=name, status="ok", detail=f"{name} {installed}")
    detail = f"{name} {installed} is installed, the workflow was made with {source.plugin_version}"
    return Item(kind="plugin", name=name, status="version_mismatch", detail=detail)


def _lora(wanted: Lora) -> Item:
    if Loras().find(wanted.filename) is not None:
        return Item(kind="lora", name=wanted.filename, status="ok")
    known = (wanted.provenance or {}).get("source") in ("huggingface", "civitai", "url")
    action = "download it" if known else "put it into the LoRA folder"
    detail = f"{wanted.filename} is not in the LoRA folder"
    return Item(
        kind="lora", name=wanted.filename, status="missing", detail=detail, action=action, can_auto_resolve=known
    )


def _warnings(wanted: str) -> Iterator[str]:
    """This host counts its versions in its own way, so what the original wants can only be said."""
    own = metadata.version("scope-host")
    try:
        newer = Version(wanted) > Version(own)
    except InvalidVersion:
        newer = True
    if newer:
        yield f"the workflow asks for version {wanted} of the original host; this one is scope-host {own}"
