"""The classes that a plugin's nodes are declared with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class NodePort:
    """An input or output of a node."""

    name: str
    port_type: str
    required: bool = True
    description: str = ""
    default_value: Any = None


@dataclass
class NodeParam:
    """A parameter of a node; `ui` says how its control looks."""

    name: str
    param_type: str
    default: Any = None
    description: str = ""
    ui: dict[str, Any] | None = None
    convertible_to_input: bool = True


@dataclass
class NodeDefinition:
    """What a node is, without an instance of it."""

    node_type_id: str
    display_name: str
    category: str = "general"
    description: str = ""
    inputs: list[NodePort] = field(default_factory=list)
    outputs: list[NodePort] = field(default_factory=list)
    params: list[NodeParam] = field(default_factory=list)
    continuous: bool = False
    pipeline_meta: dict[str, Any] | None = None
    plugin_name: str | None = None


class BaseNode:
    """Base of a plugin's nodes: `node_id` is its name in a graph, `config` the values of its parameters."""

    def __init__(self, node_id: str = "", config: Mapping[str, Any] | None = None) -> None:
        self.node_id = node_id
        self.config = dict(config or {})
