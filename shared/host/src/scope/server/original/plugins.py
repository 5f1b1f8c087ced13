"""The original host's forms of changing plugins: one call that answers when the work is done."""

from typing import Annotated

from fastapi import APIRouter, HTTPException
from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict, Field

from scope.install.change import needed
from scope.install.errors import InstallError
from scope.install.listing import list_plugins
from scope.install.plan import Edit
from scope.install.redact import redact
from scope.server.api_plugins import PlanBody, edit_of
from scope.server.host import Host, HostDep
from scope.server.jobs import Job
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1/plugins", route_class=StrictRoute)


class InstallBody(BaseModel):
    """What to install; unknown fields are passed over."""

    model_config = ConfigDict(extra="ignore")
    package: Annotated[str, Field(max_length=2000)]
    editable: bool = False
    upgrade: bool = False
    pre: bool = False


class ReloadBody(BaseModel):
    """Nothing in particular."""

    model_config = ConfigDict(extra="ignore")


class Outcome(BaseModel):
    """What was done."""

    success: bool
    message: str


@router.post("", responses=problems(500))
def install(body: InstallBody, host: HostDep) -> Outcome:
    """Plan, install, start a new engine, and answer when it is done."""
    failed = f"Failed to install {redact(body.package)}."
    try:
        edit = edit_of(PlanBody(add=[body.package], editable=body.editable, pre=body.pre))
        found = host.plugins.plan(edit, allow_build=True)
        _await(host, host.plugins.apply(found.id, found.digest), failed)
    except InstallError as error:
        raise HTTPException(500, f"{failed} {error.told}") from error
    done = f"Installed {', '.join(sorted(found.asked))}"
    return Outcome(success=True, message=done if needed(found) else " ".join(found.notes))


@router.delete("/{name}", responses=problems(404, 500))
def uninstall(name: str, host: HostDep) -> Outcome:
    """Remove a plugin, and answer when it is done."""
    _must_be_there(host, name)
    failed = f"Failed to uninstall {name}."
    try:
        found = host.plugins.plan(Edit("uninstall", remove=(name,)))
        if found.brings:
            raise InstallError(
                f"plugins.txt was edited and would bring {', '.join(found.brings)} as well; plan it first."
            )
        _await(host, host.plugins.apply(found.id, found.digest), failed)
    except InstallError as error:
        raise HTTPException(500, f"{failed} {error.told}") from error
    return Outcome(success=True, message=f"Uninstalled {name}")


@router.post("/{name}/reload", responses=problems(404, 500))
def reload(name: str, body: ReloadBody, host: HostDep) -> Outcome:
    """A new engine loads every plugin anew."""
    _must_be_there(host, name)
    _await(host, host.plugins.renew(f"reload {name}"), f"Failed to reload {name}.")
    return Outcome(success=True, message=f"Reloaded {name}")


def _must_be_there(host: Host, name: str) -> None:
    if canonicalize_name(name) not in {entry.name for entry in list_plugins(host.plugins.store).entries}:
        raise HTTPException(404, f"Plugin '{name}' not found")


def _await(host: Host, job: Job, failed: str) -> None:
    """Wait for a job's end, as the original host's routes do."""
    host.jobs.wait(job)
    if job.state != "done":
        raise HTTPException(500, f"{failed} {job.text or 'It was cancelled.'}")
