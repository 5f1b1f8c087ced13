"""What a live show tells those who follow it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from scope.runtime.faults import Fault
from scope.runtime.graph import Node
from scope.runtime.meter import Figures


class Observer(Protocol):
    """Whom a show tells what happens, on any of its threads."""

    def loading(self, node: Node) -> None:
        """The node's pipeline is being loaded."""

    def ready(self, nodes: Mapping[str, Mapping[str, Any]]) -> None:
        """What the last `play` asked for is there; these nodes are loaded, each with what its pipeline has `chosen`."""

    def fault(self, fault: Fault, rests: float | None) -> None:
        """A fault occurred; for `rests` seconds the node is not called."""

    def cleared(self, node: str) -> None:
        """The node works again."""


class Posted(NamedTuple):
    """What became of posted values: those that were taken, and for each other one the reason why not."""

    values: dict[str, Any]
    refused: dict[str, str]


# Called with the number of the first picture that the values can have changed; None if none shows them.
Answer = Callable[[Posted, int | None], None]


class StepFigures(NamedTuple):
    """One step's calls since the last reading, in milliseconds, and its totals."""

    calls: Figures
    dropped: int
    faults: int
    resting: bool


class NoCalls:
    """Nobody watches the calls."""

    def begin(self, node: str) -> None:
        """Nothing to do."""

    def end(self, node: str) -> None:
        """Nothing to do."""
