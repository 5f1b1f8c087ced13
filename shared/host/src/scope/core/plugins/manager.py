"""Finds installed plugins and lets each register its pipelines; one that is broken costs only itself."""

import sys
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

import pluggy

from scope.core.causes import cause
from scope.core.pipelines.registry import PipelineRegistry, RegistrationError, Registry
from scope.core.plugins import hookspecs
from scope.core.plugins.insides import inside_of

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
    plugin_manager = pluggy.PluginManager(hookspecs.PROJECT_NAME)
    plugin_manager.add_hookspecs(hookspecs)
    reports = []
    for name, version, points in _by_distribution():
        if name in skip:
            continue
        if before is not None:
            before(name, version)
        reports.append(_load(plugin_manager, registry, PluginReport(name, version, _shown(points)), points))
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


def _load(
    plugin_manager: pluggy.PluginManager, registry: Registry, report: PluginReport, points: list[metadata.EntryPoint]
) -> PluginReport:
    if len(points) > 1:
        report.problems.append(
            f"has {len(points)} entry points in the group 'scope' ({report.entry_point}); a plugin has exactly one. "
            'Keep one in [project.entry-points."scope"] and register several pipelines from it.'
        )
    else:
        _load_entry_point(plugin_manager, registry, points[0], report)
    return report


def _load_entry_point(
    plugin_manager: pluggy.PluginManager, registry: Registry, point: metadata.EntryPoint, report: PluginReport
) -> None:
    before = set(registry)
    try:
        plugin = point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - any plugin code may run at import; the others must load
        report.problems.append(_import_problem(error, point.module))
        return
    if _add(plugin_manager, plugin, report):
        _register(plugin_manager, registry, plugin, report)
    # A plugin may also call PipelineRegistry.register by itself.
    report.pipelines += [new for new in registry if new not in before and new not in report.pipelines]
    if not (report.pipelines or report.nodes or report.problems):
        report.problems.append("registered no pipeline; its own lines in the log say why, if it wrote any.")


def _import_problem(error: BaseException, module: str) -> str:
    inside = inside_of(error)
    if inside is not None:
        return f"imports the insides of the original host: {inside}. They are not part of the plugin API."
    return (
        f"could not be imported: {cause(error)}. Run `python -c 'import {module}'` to see it in full, "
        "then fix or uninstall the package."
    )


def _add(plugin_manager: pluggy.PluginManager, plugin: Any, report: PluginReport) -> bool:
    """Whether the loaded entry point, a module or any other object, has hooks that can be called."""
    try:
        plugin_manager.register(plugin, name=report.package)
    except (pluggy.PluginValidationError, ValueError) as error:
        report.problems.append(
            f"has a hook that does not fit: {error}. Write it as `@hookimpl def register_pipelines(register)`."
        )
        return False
    if not plugin_manager.get_hookcallers(plugin):
        report.problems.append(
            f"{report.entry_point} implements no hook; decorate `register_pipelines(register)` with "
            "`scope.core.plugins.hookspecs.hookimpl`."
        )
        return False
    return True


def _register(plugin_manager: pluggy.PluginManager, registry: Registry, plugin: Any, report: PluginReport) -> None:
    others = [p for p in plugin_manager.get_plugins() if p is not plugin]
    hooks = {"register_pipelines": _collector(registry, report), "register_nodes": _node_collector(report)}
    for name, register in hooks.items():
        try:
            plugin_manager.subset_hook_caller(name, remove_plugins=others)(register=register)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's failure costs only that plugin
            report.problems.append(_hook_problem(name, error))


def _hook_problem(hook: str, error: BaseException) -> str:
    inside = inside_of(error)
    problem = f"imports the insides of the original host: {inside}" if inside else f"raised in {hook}: {cause(error)}"
    return f"{problem}. What it had registered before stays; fix the hook."


def _collector(registry: Registry, report: PluginReport) -> Callable[[Any], None]:
    """The `register` that a plugin is given: it notes a refusal instead of raising into the plugin."""

    def register(pipeline_class: Any) -> None:
        try:
            report.pipelines.append(registry.register(pipeline_class))
        except RegistrationError as error:
            report.problems.append(f"registered something unusable: {error}.")
        except Exception as error:  # noqa: BLE001 - get_config_class is plugin code
            report.problems.append(f"registered {pipeline_class!r}, whose get_config_class failed: {cause(error)}.")

    return register


def _node_collector(report: PluginReport) -> Callable[[Any], None]:
    """The `register` of the second hook: it notes the node's type id, or its class name."""

    def register(node_class: Any) -> None:
        name = getattr(node_class, "node_type_id", None)
        report.nodes.append(name if isinstance(name, str) else getattr(node_class, "__name__", repr(node_class)))

    return register


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
