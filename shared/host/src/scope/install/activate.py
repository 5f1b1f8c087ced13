"""Puts the current generation of plugins on `sys.path`; the engine process calls it before `load_plugins`.

Standard library and filelock only, and nothing of a plugin is imported, apart from what a `.pth` file of theirs runs.
"""

import importlib
import json
import os
import site
import sys
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from filelock import FileLock

from scope.core.config import get_plugins_dir
from scope.install.environment import base_path, fingerprint, python_tag
from scope.install.generations import Generation, Store, held
from scope.install.plugins_txt import read_text, wanted

# What is on this process's `sys.path` stays in use, and is kept from collection, for as long as the process lives.
_HELD: dict[str, FileLock] = {}


@dataclass
class Active:
    """What was activated: None for no generation. `notes` are sentences for the person who started the host.

    Tell it which plugin is loaded (`loading`) and that all are (`loaded`), so that the next start can name the one that
    ended this process.
    """

    store: Store
    generation: Generation | None = None
    notes: list[str] = field(default_factory=list)

    def loading(self, plugin: str) -> None:
        """Note which plugin is about to be loaded."""
        if self.generation is not None and self.generation.name in _HELD:
            note = {"plugin": plugin, "generation": self.generation.name, "pid": os.getpid()}
            _loading(self.store).write_text(json.dumps(note), encoding="utf-8")

    def loaded(self) -> None:
        """All plugins are loaded, or have failed in an orderly way."""
        if self.generation is not None and self.generation.name in _HELD:
            _loading(self.store).unlink(missing_ok=True)


def activate(*, safe: bool = False, plugins: Path | None = None) -> Active:
    """Activate the current generation of the plugins folder; `safe` leaves it alone and says so. Never raises."""
    active = Active(Store(plugins or get_plugins_dir()))
    if safe:
        active.notes.append("Started without installed plugins (--safe).")
        return active
    try:
        _activate(active)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        active.notes.append(f"Installed plugins were not loaded: {active.store.plugins} cannot be read ({reason}).")
    return active


def _activate(active: Active) -> None:
    active.notes += _died(active.store)
    generation = active.store.base()
    if generation is None:
        active.notes += _never_installed(active.store)
        return
    if generation.name != active.store.current():
        active.notes.append(f"The current generation of plugins is damaged; {generation.name} is used instead.")
    if generation.python != python_tag():
        active.notes.append(_other_python(generation))
        return
    _use(active, generation)


def _use(active: Active, generation: Generation) -> None:
    active.notes += _differs(active.store, generation)
    if fingerprint(base_path(active.store.plugins)) != generation.host:
        active.notes += _unmet(active.store, generation)
    active.generation = generation
    lock = active.store.mark_used(generation.name, os.getpid())
    if lock is not None:
        _HELD[generation.name] = lock
    site.addsitedir(str(active.store.site(generation.name)))
    importlib.invalidate_caches()


def _died(store: Store) -> list[str]:
    """A note about the plugin that was loaded when the host ended, if that host is gone."""
    try:
        note = json.loads(_loading(store).read_text(encoding="utf-8"))
        if held(store.folder(note["generation"]) / "users" / str(note["pid"])):
            return []
    except (OSError, ValueError, KeyError, TypeError):
        return []
    back = store.base()
    parent = f", `scope rollback` goes back to {back.parent}" if back and back.parent else ""
    return [f"The host died while loading {note['plugin']}. `scope serve --safe` starts without plugins{parent}."]


def _never_installed(store: Store) -> list[str]:
    count = len(wanted(read_text(store.manifest)))
    names = f"{count} plugin{'s' if count != 1 else ''}"
    return [f"plugins.txt names {names} that this host has not installed; run `scope install`."] if count else []


def _differs(store: Store, generation: Generation) -> list[str]:
    if wanted(read_text(store.manifest)) == wanted(generation.manifest):
        return []
    return ["plugins.txt differs from what is installed; run `scope install` to make them agree."]


def _other_python(generation: Generation) -> str:
    there = f"{generation.python[2]}.{generation.python[3:]}"
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"The plugins were installed for Python {there}; this is {here}. Run `scope install` to build them anew."


def _unmet(store: Store, generation: Generation) -> list[str]:
    """The host changed since the plugins were resolved: which of their requirements it no longer meets."""
    from packaging.requirements import InvalidRequirement, Requirement

    notes = []
    for distribution in metadata.distributions(path=[str(store.site(generation.name))]):
        for text in distribution.requires or ():
            try:
                requirement = Requirement(text)
                version = metadata.version(requirement.name)
            except (InvalidRequirement, metadata.PackageNotFoundError):
                continue
            if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
                continue
            if not requirement.specifier.contains(version, prereleases=True):
                needs = f"{requirement.name}{requirement.specifier}"
                notes.append(f"{distribution.name} needs {needs}, the host now has {version}: run `scope install`.")
    return notes


def _loading(store: Store) -> Path:
    return store.env / "loading"
