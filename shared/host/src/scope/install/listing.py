"""What is installed: the plugins of the current generation and those of the host's own environment, nothing loaded."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from scope.core.plugins.manager import ENTRY_POINT_GROUP
from scope.install.environment import base_path
from scope.install.generations import Generation, Installed, Store
from scope.install.host import editable_folder
from scope.install.plugins_txt import read_text, wanted
from scope.install.redact import redact
from scope.install.specs import parse

HOST = "host"
COMPANION = "with"


@dataclass(frozen=True)
class Entry:
    """A plugin. `origin` is index, git, folder, file or url, `host` for one of the host's own environment, `with` for one
    that is here only because another plugin needs it. `line` is as it may be shown: without secrets.

    `pipelines` (id, name) and `problems` are as the probe saw them; both are empty for `host`, which it does not record.
    """

    name: str
    version: str
    author: str
    summary: str
    origin: str
    source: str
    line: str = ""
    commit: str = ""
    editable: str = ""
    pipelines: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """Every plugin by name, the generation, and what plugins.txt wants that is not installed, or the other way round.

    Lines are as they may be shown: without secrets.
    """

    entries: tuple[Entry, ...]
    generation: Generation | None
    not_installed: tuple[str, ...]
    not_wanted: tuple[str, ...]


def list_plugins(store: Store) -> Listing:
    """Read what is installed."""
    generation = store.base()
    own = list(_of_the_generation(store, generation)) if generation else []
    taken = {entry.name for entry in own}
    entries = own + [entry for entry in _of_the_host(store.plugins) if entry.name not in taken]
    asked, there = wanted(read_text(store.manifest)), wanted(generation.manifest) if generation else []
    return Listing(
        tuple(sorted(entries, key=lambda entry: entry.name)),
        generation,
        tuple(redact(line) for line in asked if line not in there),
        tuple(redact(line) for line in there if line not in asked),
    )


def switches(store: Store) -> list[dict[str, Any]]:
    """The history, oldest first, with `kept`: it can be gone back to, and `current`: the last one that made it so."""
    history, kept = store.history(), set(store.complete())
    latest = max((i for i, switch in enumerate(history) if switch["to"] == store.current()), default=None)
    return [switch | {"kept": switch["to"] in kept, "current": i == latest} for i, switch in enumerate(history)]


def _of_the_generation(store: Store, generation: Generation) -> Iterator[Entry]:
    found = metadata.distributions(path=[str(store.site(generation.name))])
    by_name = {canonicalize_name(distribution.name): distribution for distribution in found}
    for plugin in generation.plugins:
        yield _installed(plugin, by_name.pop(canonicalize_name(plugin.name), None))
    for name, distribution in by_name.items():
        if distribution.entry_points.select(group=ENTRY_POINT_GROUP):
            author, summary = _described(distribution)
            yield Entry(name, distribution.version, author, summary, COMPANION, "comes with another plugin")


def _installed(plugin: Installed, distribution: metadata.Distribution | None) -> Entry:
    spec = parse(plugin.line)
    author, summary = _described(distribution)
    folder = spec.url if plugin.editable else ""
    return Entry(
        plugin.name, plugin.version, author, summary, spec.kind.value, plugin.source, spec.shown, plugin.commit, folder,
        plugin.pipelines, plugin.problems,
    )  # fmt: skip


def _of_the_host(plugins: Path) -> Iterator[Entry]:
    for distribution in metadata.distributions(path=base_path(plugins)):
        if not distribution.entry_points.select(group=ENTRY_POINT_GROUP):
            continue
        author, summary = _described(distribution)
        folder = editable_folder(distribution)
        source = folder or "the host's environment"
        name = canonicalize_name(distribution.name)
        yield Entry(name, distribution.version, author, summary, HOST, source, editable=folder)


def _described(distribution: metadata.Distribution | None) -> tuple[str, str]:
    if distribution is None:
        return "", ""
    headers = distribution.metadata
    return headers.get("Author") or headers.get("Author-email") or "", headers.get("Summary") or ""
