"""Tells the server what a show's observer hears."""

import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scope.engine import events
from scope.engine.load_times import LoadTimes
from scope.runtime import faults
from scope.runtime.graph import Node

# The same fault of a stage is told once in so many seconds, unless a rest begins.
_AGAIN_SECONDS = 1.0
# A load that takes longer than the last time is not over before it is.
_MOST_SHARE = 0.95


@dataclass(frozen=True)
class _Load:
    node: str
    key: str
    began: float
    expected: float | None


class Herald:
    """Any thread may call. `times`: what is known of earlier loads; a constructor says nothing of its progress itself."""

    def __init__(
        self, emit: Callable[[events.Event], None], times: LoadTimes, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._emit, self._times, self._clock = emit, times, clock
        self._lock = threading.Lock()
        self._load: _Load | None = None
        self._said: dict[tuple[str, str], float] = {}

    def loading(self, node: Node) -> None:
        """A pipeline is being loaded."""
        with self._lock:
            self._note()
            key = f"{node.config.pipeline_id} {json.dumps(node.load, sort_keys=True, default=repr)}"
            self._load = _Load(node.id, key, self._clock(), self._times.last(key))
            self._tell()

    def tick(self) -> None:
        """Call it now and then: it says how far a load has come, where the same one was done before."""
        with self._lock:
            if self._load is not None and self._load.expected is not None:
                self._tell()

    def ready(self, nodes: Mapping[str, Mapping[str, Any]]) -> None:
        """What was asked for is there."""
        with self._lock:
            self._note()
            self._emit(events.Ready(tuple(nodes), {node: dict(chosen) for node, chosen in nodes.items() if chosen}))

    def cleared(self, node: str) -> None:
        """It works again."""
        self._said = {key: said for key, said in self._said.items() if key[0] != node}
        self._emit(events.Cleared(node))

    def fault(self, fault: faults.Fault, rests: float | None) -> None:
        """A fault, with the sentence that the log has."""
        if fault.kind == "load":
            with self._lock:
                self._load = None
        now, key = self._clock(), (fault.node, fault.kind)
        if rests is None and now - self._said.get(key, -math.inf) < _AGAIN_SECONDS:
            return
        self._said[key] = now
        seconds = 0.0 if rests == math.inf else rests
        self._emit(events.Fault(fault.node, fault.kind, fault.last, fault.count, seconds))

    def _note(self) -> None:
        """The load that ran, if any, is over."""
        load, self._load = self._load, None
        if load is not None:
            self._times.note(load.key, self._clock() - load.began)

    def _tell(self) -> None:
        load = self._load
        assert load is not None
        if load.expected is None:
            self._emit(events.Loading(load.node, "loads the pipeline"))
            return
        share = min((self._clock() - load.began) / load.expected, _MOST_SHARE)
        step = f"loads the pipeline, which took {load.expected:.0f} seconds the last time"
        self._emit(events.Loading(load.node, step, round(share, 3)))
