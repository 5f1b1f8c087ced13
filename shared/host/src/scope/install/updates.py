"""What plugins could be updated to: asked of their sources, and remembered for an hour."""

import json
import shutil
import time
from pathlib import Path

from scope.core import files
from scope.install.generations import Installed, Store
from scope.install.lockfile import Pin
from scope.install.plan import Edit, make_plan
from scope.install.progress import Watch
from scope.install.specs import Kind, parse

KEPT_S = 3600.0


def updates(store: Store, watch: Watch, log: Path, *, allow_build: bool = False) -> dict[str, Pin]:
    """What plugins of an index or a repository would move to if they were upgraded now. Changes nothing.

    Raises:
        NeedsBuildError: a build script would have to run to know, and `allow_build` is false.
        InstallError: a source cannot be reached.
    """
    generation = store.base()
    names = tuple(plugin.name for plugin in generation.plugins if _can_move(plugin)) if generation else ()
    if not names:
        return {}
    log.parent.mkdir(parents=True, exist_ok=True)
    plan = make_plan(store, Edit("upgrade", upgrade=names), watch, log, allow_build=allow_build)
    shutil.rmtree(plan.folder, ignore_errors=True)
    found = {change.name: change.new for change in plan.moved if change.name in names and change.new is not None}
    _remember(store, {name: shown(pin) for name, pin in found.items()})
    return found


def known(store: Store, now: float | None = None) -> dict[str, str] | None:
    """What `updates` found within the last hour, name to version or commit; None if it is older, or plugins changed.

    `now`: seconds since 1970, the present without it.
    """
    try:
        kept = json.loads(_path(store).read_text("utf-8"))
        age = (time.time() if now is None else now) - float(kept["at"])
        found = {str(name): str(version) for name, version in kept["found"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return found if 0 <= age < KEPT_S and kept.get("generation") == store.current() else None


def shown(pin: Pin) -> str:
    """A version, or the beginning of a commit."""
    return pin.version or pin.commit[:12]


def _remember(store: Store, found: dict[str, str]) -> None:
    files.write(_path(store), json.dumps({"at": time.time(), "generation": store.current(), "found": found}))


def _path(store: Store) -> Path:
    return store.env / "updates.json"


def _can_move(plugin: Installed) -> bool:
    return parse(plugin.line).kind in (Kind.NAME, Kind.GIT)
