"""Finds installed plugins and lets each register its pipelines; one that is broken costs only itself."""

import sys
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from importlib import metadata

from scope.core.pipelines.registry import PipelineRegistry, Registry
from scope.core.plugins.loading import load_entry_point

ENTRY_POINT_GROUP = "scope"
OTHER_HOST = "daydream-scope"


class HostConflictError(RuntimeError):
    """Another distribution in this environment owns the import name `scope`."""


@dataclass
class PluginReport:
    """What became of one plugin distribution. `nodes` are listed only: this host runs none."""

    package: str
    version: str
    entry_point: str
    pipelines: list[str] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True if the plugin loaded and everything it registered was accepted."""
        return not self.problems


def refuse_other_host(distributions: Iterable[metadata.Distribution] | None = None) -> None:
    """Raise HostConflictError if the original host is installed beside this one."""
    found = metadata.distributions() if distributions is None else distributions
    if any(_normal(d.name) == OTHER_HOST for d in found):
        raise HostConflictError(
            f"the distributions {OTHER_HOST} and scope-host are both installed in {sys.prefix}, and both own the "
            f"import name 'scope'. Uninstall one of them (uv pip uninstall {OTHER_HOST}), or give each an "
            "environment of its own."
        )


def load_plugins(
    registry: Registry, *, before: Callable[[str, str], None] | None = None, skip: Container[str] = ()
) -> list[PluginReport]:
    """Load every installed plugin into `registry`, and bind it to `PipelineRegistry`; one report for each, none raises.

    `before(name, version)` is called before each plugin is loaded, since one may end the process; plugins whose
    distribution is named in `skip` are left out.

    Raises:
        HostConflictError: the original host is installed in the same environment.
    """
    refuse_other_host()
    PipelineRegistry.bind(registry)
    reports = []
    for name, version, points in _by_distribution():
        if name in skip:
            continue
        if before is not None:
            before(name, version)
        reports.append(_load(registry, PluginReport(name, version, _shown(points)), points))
    return reports


def _by_distribution() -> Iterator[tuple[str, str, list[metadata.EntryPoint]]]:
    """Name, version and entry points of each plugin; a distribution on the path twice counts once, the first wins."""
    groups: dict[str, tuple[str, str, list[metadata.EntryPoint]]] = {}
    for distribution in metadata.distributions():
        points = list(distribution.entry_points.select(group=ENTRY_POINT_GROUP))
        if points:
            groups.setdefault(_normal(distribution.name), (distribution.name, distribution.version, points))
    yield from (groups[name] for name in sorted(groups))


def _shown(points: list[metadata.EntryPoint]) -> str:
    return ", ".join(f"{p.name} = {p.value}" for p in points)


def _load(registry: Registry, report: PluginReport, points: list[metadata.EntryPoint]) -> PluginReport:
    if len(points) > 1:
        report.problems.append(
            f"has {len(points)} entry points in the group 'scope' ({report.entry_point}); a plugin has exactly one. "
            'Keep one in [project.entry-points."scope"] and register several pipelines from it.'
        )
        return report
    loaded = load_entry_point(points[0], registry)
    problems = [problem.text for problem in loaded.problems]
    return replace(report, pipelines=loaded.pipelines, nodes=loaded.nodes, problems=problems)


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
