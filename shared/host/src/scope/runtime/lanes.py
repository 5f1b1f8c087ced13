"""Which thread runs which step of a live chain."""

import threading
from collections.abc import Callable, Iterator

from scope.runtime.lane import Lane, LaneRule
from scope.runtime.step import Chain, Step


class Lanes:
    """One thread for the whole chain, or one for each step. Any thread may call."""

    def __init__(self, rule: LaneRule, running: Callable[[], bool]) -> None:
        self._running = running
        self._lock = threading.Lock()
        self._one = Lane("chain", running) if rule == "one" else None
        self._own: dict[Step, Lane] = {}
        if self._one is not None:
            self._one.start()

    def lane(self, node: str) -> Lane:
        """The lane for a step that is being made; `take` follows."""
        return self._one or Lane(node, self._running)

    def take(self, step: Step, lane: Lane) -> None:
        """The step runs on this lane from now on, as soon as a chain has it."""
        if lane is not self._one:
            with self._lock:
                self._own[step] = lane
            lane.start()

    def serve(self, chain: Chain) -> None:
        """Run the steps of this chain, and no others."""
        if self._one is not None:
            self._one.serve(chain.steps)
        with self._lock:
            for step, lane in self._own.items():
                lane.serve([step] if step in chain.steps else [])

    def dismiss(self, step: Step) -> None:
        """End the lane that was the step's own."""
        with self._lock:
            lane = self._own.pop(step, None)
        if lane is not None:
            lane.end()

    def wake(self) -> None:
        """There may be something to do."""
        for lane in self:
            lane.wake()

    def __iter__(self) -> Iterator[Lane]:
        """Every thread."""
        with self._lock:
            own = list(self._own.values())
        return iter([*own, *([self._one] if self._one else [])])
