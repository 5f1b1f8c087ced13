"""From a set-up document to the parts of a show, with a sentence for whatever does not fit."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from scope.core.pipelines.registry import Registry, UnknownPipelineError
from scope.engine.events import Fault
from scope.runtime.graph import GraphError, node_of, runtime_values
from scope.runtime.loader import Part
from scope.runtime.values import RefusedValueError


class Plan(NamedTuple):
    """What can be played, and why the rest cannot."""

    parts: list[Part]
    faults: list[Fault]


def plan_of(registry: Registry, setup: Mapping[str, Any]) -> Plan:
    """One stage that cannot be played costs only itself."""
    plan = Plan([], [])
    has_source = source_of(setup)["kind"] != "none"
    for stage in setup.get("stages", ()):
        try:
            node = node_of(registry, stage, source=has_source)
        except (UnknownPipelineError, GraphError, RefusedValueError) as error:
            plan.faults.append(Fault(stage["id"], "setup", f"{stage['id']}: {error}"))
            continue
        node.on = stage.get("on", True)
        values, refused = node.fields.sifted(runtime_values(node.config, stage, setup.get("prompts", ())))
        for name, reason in refused.items():
            plan.faults.append(Fault(node.id, "setup", f"{node.id}: parameter {name!r} {reason}"))
        plan.parts.append(Part(node, values))
    plan.faults.extend(_misfits(plan.parts, has_source))
    return plan


def source_of(setup: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document's source; none if it does not say."""
    return setup.get("source") or {"kind": "none"}


def _misfits(parts: list[Part], has_source: bool) -> list[Fault]:
    """What the chain as a whole lacks."""
    playing = [part.node for part in parts if part.node.on]
    makers = [i for i, node in enumerate(playing) if node.mode == "text"]
    faults = [
        Fault(
            node.id, "setup", f"{node.id} has no effect: {playing[makers[-1]].id} behind it takes no input in text mode"
        )
        for node in playing[: makers[-1] if makers else 0]
    ]
    if playing and not makers and not has_source:
        faults.append(Fault(playing[0].id, "setup", f"{playing[0].id} needs a picture to work on; choose a source"))
    return faults
