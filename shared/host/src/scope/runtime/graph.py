"""A chain of pipelines as it shall be: nodes with ids, roles, modes and values, before anything is loaded."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from inspect import isclass
from typing import Any, Literal, get_args

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.core.pipelines.interface import Pipeline
from scope.core.pipelines.registry import Registry
from scope.runtime.mailbox import Setting
from scope.runtime.prompts import prompt_values
from scope.runtime.values import Fields

Role = Literal["pre", "main", "post"]


class GraphError(ValueError):
    """Pipelines that do not go together, or a node that is not there, in one sentence."""


@dataclass
class Node:
    """One pipeline in its place. `id` is unique in the chain: `fx`, and `fx-2` for a second one of the kind.

    `load`: the load parameters that differ from the schema's defaults. `settings`: runtime parameters with their times.
    `switches`: when it is switched on and off during a film.
    """

    id: str
    pipeline_class: type[Pipeline]
    role: Role
    mode: str
    on: bool = True
    load: dict[str, Any] = field(default_factory=dict)
    settings: list[Setting] = field(default_factory=list)
    switches: list[tuple[float, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.load = self._mode_defaults() | self.load

    @cached_property
    def config(self) -> type[BasePipelineConfig]:
        """The schema of the pipeline."""
        return self.pipeline_class.get_config_class()

    @cached_property
    def fields(self) -> Fields:
        """What the fields of the pipeline accept; complaints name the node."""
        return Fields(self.id, self.config.model_json_schema())

    def set(self, name: str, value: Any, time: float = 0.0) -> None:
        """A runtime parameter from `time` seconds on; raises RefusedValueError."""
        self.settings.append(Setting(time, name, self.fields.checked(name, value)))

    def set_load(self, name: str, value: Any) -> None:
        """A load parameter, enum members as such; raises RefusedValueError."""
        checked = self.fields.checked(name, value, load=True)
        annotation = self.config.model_fields[name].annotation if name in self.fields else None
        self.load[name] = annotation(checked) if isclass(annotation) and issubclass(annotation, Enum) else checked

    def _mode_defaults(self) -> dict[str, Any]:
        defaults = self.config.modes.get(self.mode)
        given = defaults.model_dump(exclude={"default"}, exclude_none=True) if defaults else {}
        return {name: value for name, value in given.items() if name in self.config.model_fields}


class Graph:
    """Nodes in order of flow: preprocessors, at most one main pipeline, postprocessors.

    Raises:
        GraphError: they do not go together.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = tuple(nodes)
        self._check_order()
        for node in self.nodes:
            if node is not self.main and "video" not in node.config.modes:
                raise GraphError(f"{node.id} has no video mode, so it cannot stand before or after another pipeline")
        main = self.main
        if main is not None and main.mode == "text" and self.nodes[0] is not main:
            raise GraphError(f"a preprocessor needs a picture, and {main.id} in text mode has none")

    @classmethod
    def of_ids(
        cls,
        registry: Registry,
        main: str,
        pre: Sequence[str] = (),
        post: Sequence[str] = (),
        *,
        mode: str | None = None,
        source: bool,
    ) -> "Graph":
        """A chain by pipeline ids; without `mode` the main one's follows the presence of a source.

        A second pipeline of a kind, in order of flow, is `ID-2`.

        Raises:
            UnknownPipelineError: there is none of this id.
            GraphError: the mode is not there, or the pipelines do not go together.
        """
        places: list[tuple[str, Role]] = [*((i, "pre") for i in pre), (main, "main"), *((i, "post") for i in post)]
        nodes = []
        for node_id, (pipeline_id, role) in zip(node_ids(i for i, _ in places), places, strict=True):
            chosen = settled_mode(registry.config(pipeline_id), mode, source) if role == "main" else "video"
            nodes.append(Node(node_id, registry.get(pipeline_id), role, chosen))
        return cls(nodes)

    @classmethod
    def of_setup(cls, registry: Registry, setup: Mapping[str, Any]) -> "Graph":
        """The chain of a set-up document, with its load parameters, values and prompts; stages that are off stay out.

        Raises:
            UnknownPipelineError, GraphError: as in `of_ids`.
            RefusedValueError: a value does not fit; names the stage, what was expected and what came.
        """
        source = setup.get("source", {}).get("kind", "none") != "none"
        stages = [stage for stage in setup.get("stages", ()) if stage.get("on", True)]
        nodes = [node_of(registry, stage, source=source) for stage in stages]
        for node, stage in zip(nodes, stages, strict=True):
            for name, value in runtime_values(node.config, stage, setup.get("prompts", ())).items():
                node.set(name, value)
        return cls(nodes)

    @property
    def main(self) -> Node | None:
        """The main pipeline, if there is one."""
        return next((node for node in self.nodes if node.role == "main"), None)

    @property
    def is_generator(self) -> bool:
        """True if the chain makes its frames itself, from text and time."""
        return self.main is not None and self.main.mode == "text"

    def __getitem__(self, node_id: str) -> Node:
        for node in self.nodes:
            if node.id == node_id:
                return node
        raise GraphError(f"no pipeline {node_id!r} in this chain ({self})")

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __str__(self) -> str:
        return " > ".join(node.id for node in self.nodes)

    def owner(self, name: str) -> Node:
        """The node that a parameter belongs to which nobody was named for: the main one, or the only one that has it.

        Raises:
            GraphError: several have it.
        """
        having = [node for node in self.nodes if name in node.config.model_fields]
        main = self.main or self.nodes[0]
        if main in having or not having:
            return main
        if len(having) > 1:
            owners = " or ".join(f"{node.id}.{name}" for node in having)
            raise GraphError(f"several pipelines have a parameter {name!r}; write {owners}")
        return having[0]

    def load_everywhere(self, values: Mapping[str, Any]) -> None:
        """Load parameters for every node that has them."""
        for node in self.nodes:
            for name in values.keys() & node.config.model_fields.keys():
                node.set_load(name, values[name])

    def _check_order(self) -> None:
        roles = [node.role for node in self.nodes]
        if not roles:
            raise GraphError("a chain needs at least one pipeline that is on, got none")
        if roles.count("main") > 1 or roles != sorted(roles, key=get_args(Role).index):
            raise GraphError(f"expected preprocessors, one main pipeline, postprocessors, got {', '.join(roles)}")


def node_of(registry: Registry, stage: Mapping[str, Any], *, source: bool) -> Node:
    """A node for one stage of a set-up document, with its load parameters but without its values.

    Raises:
        UnknownPipelineError, GraphError, RefusedValueError: no such pipeline, mode or load parameter.
    """
    role = stage.get("role", "main")
    config = registry.config(stage["pipeline"])
    mode = settled_mode(config, stage.get("mode"), source) if role == "main" else "video"
    node = Node(stage["id"], registry.get(stage["pipeline"]), role, mode)
    for name, value in stage.get("load", {}).items():
        node.set_load(name, value)
    return node


def runtime_values(
    config: type[BasePipelineConfig], stage: Mapping[str, Any], prompts: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The runtime parameters of a stage of a set-up document, not yet checked: its values, and the show's prompts."""
    values = stage.get("values", {})
    own = "prompts" in values or "prompt" in values
    return {**(prompt_values(prompts) if config.supports_prompts and not own else {}), **values}


def node_ids(pipeline_ids: Iterable[str]) -> Iterator[str]:
    """`fx`, `fx-2`, `fx-3` for the first, second and third of a kind."""
    seen: Counter[str] = Counter()
    for pipeline_id in pipeline_ids:
        seen[pipeline_id] += 1
        yield pipeline_id if seen[pipeline_id] == 1 else f"{pipeline_id}-{seen[pipeline_id]}"


def settled_mode(config: type[BasePipelineConfig], asked: str | None, source: bool) -> str:
    """The mode asked for, else the one that the presence of a source suggests, else the pipeline's default.

    Raises:
        GraphError: the pipeline does not have the mode asked for.
    """
    modes = config.get_supported_modes()
    if asked is not None and asked not in modes:
        raise GraphError(f"{config.pipeline_id} has no mode {asked!r}; it has {' and '.join(modes)}")
    suggested = asked or ("video" if source else "text")
    return suggested if suggested in modes else config.get_default_mode()
