"""The original host's graphs, as far as they are a chain: its source, its pipelines in order, its ways out."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from scope.engine.link import IN, OUT
from scope.server.edits import ShowError, stage_id_of
from scope.server.messages import original_source
from scope.server.original.pipelines import LoadItem

Text = Annotated[str, Field(max_length=1000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Node(_Part):
    """A node; those of other types than `pipeline`, `source` and `sink` say nothing here."""

    id: Text = ""
    type: Text = ""
    pipeline_id: Text | None = None
    source_mode: Text | None = None
    source_name: Text | None = None
    sink_mode: Text | None = None
    sink_name: Text | None = None


class Edge(_Part):
    """A way from one node to another; only those of kind `stream` carry pictures."""

    start: Annotated[Text, Field(alias="from")]
    to_node: Text
    kind: Text = "stream"


class Graph(_Part):
    """Nodes and edges in any order.

    >>> Graph.read({"nodes": [{"type": "sink", "sink_mode": "ndi", "sink_name": "Desk"}, {"type": "sink"}]}).sinks()
    {'ndi': {'enabled': True, 'name': 'Desk'}}
    """

    nodes: Annotated[list[Node], Field(max_length=64)] = []
    edges: Annotated[list[Edge], Field(max_length=256)] = []

    @classmethod
    def read(cls, given: Mapping[str, Any] | None) -> "Graph":
        """A graph as a client sends it; an empty one for None.

        Raises:
            ValidationError: it does not have the form of a graph.
        """
        return cls.model_validate(given or {})

    def items(self) -> list[LoadItem]:
        """The pipelines, in order of flow from the source.

        Raises:
            ShowError: they are not a chain.
        """
        nodes = {node.id: node for node in self._of("pipeline")}
        streams = [edge for edge in self.edges if edge.kind == "stream"]
        onward = {e.start: e.to_node for e in streams if {e.start, e.to_node} <= nodes.keys()}
        starts = [name for name in nodes if name not in onward.values()]
        order: list[str] = []
        name = starts[0] if len(starts) == 1 else None
        while name is not None and name not in order:
            order.append(name)
            name = onward.get(name)
        if len(order) != len(nodes):
            raise ShowError("the graph: expected pipelines in one chain from the source to the sink")
        return [LoadItem(node_id=name, pipeline_id=nodes[name].pipeline_id or name) for name in order]

    def source(self) -> dict[str, Any] | None:
        """What the first source node names; None where it names nothing.

        Raises:
            ShowError: a source of a kind that this host cannot read.
        """
        node = next(iter(self._of("source")), Node())
        return original_source({"source_type": node.source_mode, "source_name": node.source_name})

    def sinks(self) -> dict[str, Any]:
        """The ways out that sink nodes name, as `output_sinks` would."""
        named = [node for node in self._of("sink") if node.sink_mode]
        return {str(node.sink_mode): {"enabled": True, "name": node.sink_name or ""} for node in named}

    def taps(self) -> dict[str, str]:
        """Where each sink's pictures are to be had: behind the stage that it follows, or at the end of the chain.

        Raises:
            ShowError: the pipelines are not a chain.
        """
        order = [item.node_id for item in self.items()]
        before = {edge.to_node: edge.start for edge in self.edges if edge.kind == "stream"}
        return {node.id: _tap(before.get(node.id), order) for node in self._of("sink")}

    def _of(self, kind: str) -> list[Node]:
        return [node for node in self.nodes if node.type == kind]


def _tap(before: str | None, order: Sequence[str]) -> str:
    if not order or before is None or before == order[-1]:
        return OUT
    return stage_id_of(before) if before in order else IN
