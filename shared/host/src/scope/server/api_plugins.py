"""Routes of plugins: what is installed, a plan to agree to, and changes as jobs."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict, Field

from scope.install.change import needed
from scope.install.errors import InstallError
from scope.install.listing import HOST, Entry, list_plugins, switches
from scope.install.lockfile import Change
from scope.install.plan import RIGHTS, Edit, Plan, summary
from scope.install.resolve import NeedsBuildError, refs
from scope.install.specs import Kind, Spec, parse
from scope.server.host import Host, HostDep
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1/plugins", route_class=StrictRoute)

# The original host's words for where a plugin comes from.
_SOURCES = {Kind.NAME: "pypi", Kind.GIT: "git", HOST: "local"}

SpecText = Annotated[str, Field(max_length=2000)]
Name = Annotated[str, Field(max_length=200)]


class OriginalPipeline(BaseModel):
    """A pipeline of a plugin."""

    pipeline_id: str
    pipeline_name: str


class PluginInfo(BaseModel):
    """A plugin; the names up to `origin` are the original host's, `bundled` means: of the host's own environment."""

    name: str
    version: str
    author: str
    description: str
    source: str
    editable: bool
    editable_path: str | None
    pipelines: list[OriginalPipeline]
    latest_version: str | None
    update_available: bool
    package_spec: str | None
    bundled: bool
    kind: str | None = None
    origin: str
    place: str
    commit: str
    problems: list[str]


class PluginList(BaseModel):
    """What is installed. `not_installed`, `not_wanted`: where plugins.txt differs from it."""

    plugins: list[PluginInfo]
    generation: int | None
    earlier: int | None
    not_installed: list[str]
    not_wanted: list[str]


class PlanBody(BaseModel):
    """What is wanted: specs to add, names to remove or upgrade; nothing at all makes plugins.txt come true."""

    model_config = ConfigDict(extra="forbid")
    add: Annotated[list[SpecText], Field(max_length=20)] = []
    remove: Annotated[list[Name], Field(max_length=100)] = []
    upgrade: Annotated[list[Name], Field(max_length=100)] = []
    editable: bool = False
    pre: bool = False
    allow_build: bool = False


class Moved(BaseModel):
    """One distribution before and after, null where it is not there; `plugin` or something that comes with one."""

    name: str
    plugin: bool
    old: str | None
    new: str | None
    source: str
    commit: str


class PlanInfo(BaseModel):
    """What would change. `needs_build`: a sentence to agree to before there can be a plan (`allow_build`)."""

    id: str | None = None
    digest: str | None = None
    needed: bool = True
    summary: list[str] = []
    changes: list[Moved] = []
    notes: list[str] = []
    rights: str = RIGHTS
    needs_build: str | None = None


class ApplyBody(BaseModel):
    """The plan that somebody has seen."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(max_length=100)]
    digest: Annotated[str, Field(max_length=100)]


class RollbackBody(BaseModel):
    """A generation's number; the parent of the current one without."""

    model_config = ConfigDict(extra="forbid")
    generation: Annotated[int, Field(ge=1, le=10**9)] | None = None


class UpdatesBody(BaseModel):
    """Whether build scripts may run to learn a version."""

    model_config = ConfigDict(extra="forbid")
    allow_build: bool = False


class Started(BaseModel):
    """The job that was begun."""

    job: str


class Switch(BaseModel):
    """A change that became current; `kept`: it can be gone back to."""

    generation: int
    at: str
    by: str
    what: str
    kept: bool
    current: bool


class History(BaseModel):
    """Every change, the oldest first."""

    switches: list[Switch]


@router.get("")
def list_installed(host: HostDep) -> PluginList:
    """Every plugin, those of the host's own environment included, with what the engine saw of it."""
    listing = list_plugins(host.plugins.store)
    hello = host.show.status.hello
    reports = {canonicalize_name(report["package"]): dict(report) for report in hello.plugins} if hello else {}
    generation = listing.generation
    return PluginList(
        plugins=[_info(host, entry, reports.get(entry.name)) for entry in listing.entries],
        generation=generation.number if generation else None,
        earlier=int(generation.parent.split("-")[0]) if generation and generation.parent else None,
        not_installed=list(listing.not_installed),
        not_wanted=list(listing.not_wanted),
    )


@router.post("/plan", responses=problems(400, 409))
def plan(body: PlanBody, host: HostDep) -> PlanInfo:
    """What a change would do. Nothing is changed; sources are asked, which takes seconds."""
    try:
        return _plan_info(host.plugins.plan(edit_of(body), allow_build=body.allow_build))
    except NeedsBuildError as error:
        return PlanInfo(needs_build=str(error))
    except InstallError as error:
        raise _refused(error) from error


@router.post("/apply", status_code=202, responses=problems(409))
def apply(body: ApplyBody, host: HostDep) -> Started:
    """Carry out a plan as a job; a new engine takes over when it is done. Cancel the job to change nothing."""
    try:
        return Started(job=host.plugins.apply(body.id, body.digest).id)
    except InstallError as error:
        raise _refused(error) from error


@router.post("/rollback", status_code=202)
def rollback(body: RollbackBody, host: HostDep) -> Started:
    """Go back to an earlier generation, as a job."""
    return Started(job=host.plugins.rollback(None if body.generation is None else str(body.generation)).id)


@router.post("/updates", status_code=202)
def find_updates(body: UpdatesBody, host: HostDep) -> Started:
    """Ask the sources for newer versions, as a job; its result, and for an hour `latest_version`, name them.

    Where a build script would have to run to know, the result is `{"needs_build": sentence}`: ask, then send `allow_build`.
    """
    return Started(job=host.plugins.find_updates(allow_build=body.allow_build).id)


@router.get("/history")
def history(host: HostDep) -> History:
    """Every change of plugins."""
    return History(
        switches=[
            Switch(
                generation=int(switch["to"].split("-")[0]),
                at=switch["at"],
                by=switch["by"],
                what=switch["what"],
                kept=switch["kept"],
                current=switch["current"],
            )
            for switch in switches(host.plugins.store)
        ]
    )


def edit_of(body: PlanBody) -> Edit:
    """What is asked for.

    Raises:
        InstallError: a spec does not parse.
    """
    add = tuple(_spec(text, editable=body.editable) for text in body.add)
    by = "install" if add else "uninstall" if body.remove else "upgrade" if body.upgrade else "reconcile"
    return Edit(by, add, tuple(body.remove), tuple(body.upgrade), body.pre)


def _spec(text: str, *, editable: bool) -> Spec:
    """A spec; the original host's page says `editable` of whatever looks like a path."""
    spec = parse(text, refs=refs)
    return parse(text, editable=True) if editable and spec.kind is Kind.FOLDER else spec


def _plan_info(found: Plan) -> PlanInfo:
    return PlanInfo(
        id=found.id,
        digest=found.digest,
        needed=needed(found),
        summary=summary(found),
        changes=[_moved(change, plugin=change.name in found.plugin_names) for change in found.moved],
        notes=list(found.notes),
    )


def _moved(change: Change, *, plugin: bool) -> Moved:
    pin = change.new or change.old
    return Moved(
        name=change.name,
        plugin=plugin,
        old=change.old.version if change.old else None,
        new=change.new.version if change.new else None,
        source=pin.source if pin else "",
        commit=pin.commit if pin else "",
    )


def _info(host: Host, entry: Entry, report: dict[str, Any] | None) -> PluginInfo:
    hello = host.show.status.hello
    names = {name: schema.get("name", name) for name, schema in hello.pipelines.items()} if hello else {}
    pipelines = {name: names.get(name, name) for name in report["pipelines"]} if report else dict(entry.pipelines)
    latest = host.plugins.latest.get(entry.name)
    return PluginInfo(
        name=entry.name,
        version=entry.version,
        author=entry.author,
        description=entry.summary,
        source=_SOURCES.get(entry.origin, "local"),
        editable=bool(entry.editable),
        editable_path=entry.editable or None,
        pipelines=[OriginalPipeline(pipeline_id=name, pipeline_name=shown) for name, shown in pipelines.items()],
        latest_version=latest,
        update_available=latest is not None,
        package_spec=entry.line or None,
        bundled=entry.origin == HOST,
        origin=entry.origin,
        place=entry.source,
        commit=entry.commit,
        problems=list(report["problems"] if report else entry.problems),
    )


def _refused(error: InstallError) -> HTTPException:
    return HTTPException(400 if error.exit_code == 2 else 409, error.told)
