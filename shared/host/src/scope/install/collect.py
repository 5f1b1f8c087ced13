"""Removes what nobody needs: old generations, incomplete ones, plans nobody answered, old logs and stand-ins."""

import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from scope.install.generations import Store

KEPT_GENERATIONS = 5
KEPT_LOGS = 20
PLAN_AGE = 86_400.0


def collect(store: Store) -> None:
    """Keep the current generation, the last ones that were current, and every one that a process uses."""
    recent = dict.fromkeys(switch["to"] for switch in reversed(store.history()))
    kept = {store.current(), *list(recent)[:KEPT_GENERATIONS]}
    complete = set(store.complete())
    for name in store.names():
        if not (name in kept and name in complete) and not store.in_use(name):
            store.discard(name)
    _remove_old(store.env / "plans")
    _remove_old(store.env / "host")
    for path in sorted(_children(store.logs))[:-KEPT_LOGS]:
        path.unlink(missing_ok=True)


def _remove_old(folder: Path) -> None:
    for path in _children(folder):
        if time.time() - path.stat().st_mtime > PLAN_AGE:
            shutil.rmtree(path, ignore_errors=True)


def _children(folder: Path) -> Iterable[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
