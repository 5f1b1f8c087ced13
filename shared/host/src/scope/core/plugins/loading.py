"""Loads one plugin: imports its entry point, calls its hooks, and says what is wrong in words a person can act on."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, Literal, NamedTuple

import pluggy

from scope.core.causes import cause
from scope.core.pipelines.registry import RegistrationError, Registry, TakenError
from scope.core.plugins import hookspecs
from scope.core.plugins.insides import inside_of

log = logging.getLogger(__name__)

# import: the entry point. insides: it, or a hook, reaches for what only the original host has. signature, missing: of the
# hook. raised: the hook did. empty: it registered nothing. unusable, taken: so is a pipeline, or its id.
Kind = Literal["import", "insides", "signature", "missing", "raised", "empty", "unusable", "taken"]


class Problem(NamedTuple):
    """What is wrong with a plugin: a sentence that goes on after its name, and the error it comes from, if any."""

    kind: Kind
    text: str
    error: BaseException | None = None


@dataclass
class Loaded:
    """What became of an entry point: ids of the pipelines that were accepted, names of its nodes, and problems."""

    pipelines: list[str] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def load_entry_point(point: metadata.EntryPoint, registry: Registry) -> Loaded:
    """Let a plugin register into `registry`, which `PipelineRegistry` must be bound to; whatever fails is a problem."""
    before, loaded = set(registry), Loaded()
    try:
        plugin = point.load()
    except (Exception, SystemExit) as error:
        # Any plugin code may run at import; the others must load.
        log.info("%s could not be imported", point.module, exc_info=error)
        return Loaded(problems=[_not_imported(error)])
    hooks = _hooks(plugin, point, loaded)
    if hooks is not None:
        _call(hooks, registry, loaded)
    # A plugin may also call PipelineRegistry.register by itself.
    loaded.pipelines += [new for new in registry if new not in before and new not in loaded.pipelines]
    if not (loaded.pipelines or loaded.nodes or loaded.problems):
        text = "registered no pipeline; its own lines in the log say why, if it wrote any."
        loaded.problems.append(Problem("empty", text))
    return loaded


def _not_imported(error: BaseException) -> Problem:
    inside = inside_of(error)
    if inside is not None:
        text = f"imports the insides of the original host: {inside}. They are not part of the plugin API."
        return Problem("insides", text, error)
    return Problem("import", f"could not be imported: {cause(error)}. Fix or uninstall the package.", error)


def _hooks(plugin: Any, point: metadata.EntryPoint, loaded: Loaded) -> pluggy.HookRelay | None:
    """The hooks of an entry point, a module or any other object; None if it has none that fits."""
    manager = pluggy.PluginManager(hookspecs.PROJECT_NAME)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin)
    except pluggy.PluginValidationError as error:
        text = f"has a hook that does not fit: {error}. Write it as `@hookimpl def register_pipelines(register)`."
        loaded.problems.append(Problem("signature", text, error))
        return None
    if not manager.get_hookcallers(plugin):
        text = (
            f"{point.name} = {point.value} implements no hook; decorate `register_pipelines(register)` with "
            "`scope.core.plugins.hookspecs.hookimpl`."
        )
        loaded.problems.append(Problem("missing", text))
        return None
    return manager.hook


def _call(hooks: pluggy.HookRelay, registry: Registry, loaded: Loaded) -> None:
    registers = {"register_pipelines": _collector(registry, loaded), "register_nodes": _node_collector(loaded)}
    for name, register in registers.items():
        try:
            getattr(hooks, name)(register=register)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's failure costs only that plugin
            loaded.problems.append(_hook_raised(name, error))


def _hook_raised(hook: str, error: BaseException) -> Problem:
    inside = inside_of(error)
    said = f"imports the insides of the original host: {inside}" if inside else f"raised in {hook}: {cause(error)}"
    text = f"{said}. What it had registered before stays; fix the hook."
    return Problem("insides" if inside else "raised", text, error)


def _collector(registry: Registry, loaded: Loaded) -> Callable[[Any], None]:
    """The `register` that a plugin is given: it notes a refusal instead of raising into the plugin."""

    def register(pipeline_class: Any) -> None:
        try:
            loaded.pipelines.append(registry.register(pipeline_class))
        except RegistrationError as error:
            kind = "taken" if isinstance(error, TakenError) else "unusable"
            loaded.problems.append(Problem(kind, f"registered something unusable: {error}.", error))
        except Exception as error:  # noqa: BLE001 - get_config_class is plugin code
            text = f"registered {pipeline_class!r}, whose get_config_class failed: {cause(error)}."
            loaded.problems.append(Problem("unusable", text, error))

    return register


def _node_collector(loaded: Loaded) -> Callable[[Any], None]:
    """The `register` of the second hook: it notes the node's type id, or its class name."""

    def register(node_class: Any) -> None:
        name = getattr(node_class, "node_type_id", None)
        loaded.nodes.append(name if isinstance(name, str) else getattr(node_class, "__name__", repr(node_class)))

    return register
