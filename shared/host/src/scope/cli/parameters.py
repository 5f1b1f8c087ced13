"""From what a person types, `fx-2.bloom=0.5`, to a value of a node."""

import json
from collections.abc import Iterator
from typing import Any

from scope.cli.errors import UserError
from scope.runtime.graph import Graph, Node
from scope.runtime.prompts import prompt_values
from scope.runtime.values import Fields, RefusedValueError

_YES_AND_NO = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}


def add_setting(graph: Graph, text: str, time: float = 0.0) -> None:
    """`[ID.]name=value` as a runtime parameter from `time` seconds on.

    Raises:
        UserError: it is not written like that, or the parameter is one that is read at load.
        GraphError, RefusedValueError: no such pipeline in the chain, parameter or value.
    """
    node, name, value = named(graph, text)
    if name in node.fields and node.fields[name].is_load:
        raise UserError(f"{node.id}: {name!r} is read once at load; use --load {name}={value}")
    node.set(name, typed(node.fields, name, value), time)


def add_load(graph: Graph, text: str) -> None:
    """`[ID.]name=value` as a load parameter; raises as `add_setting` does."""
    node, name, value = named(graph, text)
    node.set_load(name, typed(node.fields, name, value, load=True))


def add_prompt(graph: Graph, prompt: str) -> None:
    """A prompt for the main pipeline."""
    node = graph.main
    if node is None or not node.config.supports_prompts:
        raise UserError(f"{node.id if node else graph} takes no prompt; leave --prompt away")
    for name, value in prompt_values([{"text": prompt, "weight": 1.0}]).items():
        node.set(name, value)


def typed(fields: Fields, name: str, text: str, *, load: bool = False) -> Any:
    """The value that a text means for this field: the text itself where it takes one, else JSON, else yes or no.

    Raises:
        RefusedValueError: none of them fits.
    """
    for candidate in _readings(text, declared=name in fields):
        try:
            return fields.checked(name, candidate, load=load)
        except RefusedValueError:
            continue
    return fields.checked(name, text, load=load)


def _readings(text: str, *, declared: bool) -> Iterator[Any]:
    """What a text may mean; any value fits a name that no schema declares, so JSON comes first there."""
    if declared:
        yield text
    try:
        yield json.loads(text)
    except json.JSONDecodeError:
        yield _YES_AND_NO.get(text.lower(), text) if declared else text


def named(graph: Graph, text: str) -> tuple[Node, str, str]:
    """`[ID.]name=value` as the node that it means, the name and the value; without an id, the name's owner.

    Raises:
        UserError, GraphError: it is not written like that, or means no node of the chain.
    """
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UserError(f"expected a parameter as name=value or ID.name=value, got {text!r}")
    prefix, dot, rest = name.rpartition(".")
    return (graph[prefix], rest, value) if dot else (graph.owner(name), name, value)
