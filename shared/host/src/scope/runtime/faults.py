"""What can go wrong while frames flow: one exception, and a bounded log that counts instead of repeating itself."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from scope.core.causes import cause, origin

logger = logging.getLogger(__name__)

# load: the constructor raised. prepare, call: so did these. memory: out of GPU memory. layout: what came back is not a
# picture. range, nan: it is one, with values outside [0, 1] or none at all. stall: nothing came for too long.
Kind = Literal["load", "prepare", "call", "memory", "layout", "range", "nan", "stall"]

MAX_ENTRIES = 50


class PipelineError(RuntimeError):
    """A pipeline that cannot be built, raised in a call, or returned something else than the API promises.

    `node` is the node's id in its chain (`fx-2`), `kind` what sort of fault it is, `place` the file and line where a
    plugin raised (empty for other faults), and `frames` how many frames it spoiled.
    """

    def __init__(self, node: str, message: str, kind: Kind = "call", *, place: str = "", frames: int = 1) -> None:
        super().__init__(f"pipeline {node!r} {message}")
        self.node, self.kind, self.place, self.frames = node, kind, place, frames

    @classmethod
    def raised(cls, node: str, message: str, kind: Kind, error: BaseException) -> "PipelineError":
        """The fault of a plugin that raised `error`, which becomes its cause."""
        fault = cls(node, f"{message}: {cause(error)}", kind, place=origin(error))
        fault.__cause__ = error
        return fault


@dataclass(frozen=True)
class Fault:
    """One fault of a session, however often it occurred: `began` and `recent` are monotonic seconds."""

    node: str
    kind: Kind
    place: str
    first: str
    last: str
    count: int
    began: float
    recent: float

    def __str__(self) -> str:
        return f"{self.last} ({self.count} time{'s' if self.count > 1 else ''})"


class FaultLog:
    """The faults of one session, by node, kind and place: at most `limit` of them, whatever their sentences say.

    When it is full, the one that has not occurred for longest makes room. The first of its node and kind is also
    logged. Any thread may note, observe and read.
    """

    def __init__(self, limit: int = MAX_ENTRIES) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._entries: dict[tuple[str, str, str], Fault] = {}
        self._logged: set[tuple[str, str]] = set()
        self._observers: list[Callable[[Fault], None]] = []

    def observe(self, observer: Callable[[Fault], None]) -> None:
        """Call `observer` with the entry after each fault, on the thread that noted it."""
        with self._lock:
            self._observers.append(observer)

    def note(self, error: PipelineError, times: int = 1) -> Fault:
        """Count a fault `times` times."""
        with self._lock:
            fault = self._counted(error, times)
            new = (error.node, error.kind) not in self._logged
            self._logged.add((error.node, error.kind))
            observers = list(self._observers)
        if new:
            logger.error("%s", error, exc_info=error.__cause__)
        for observer in observers:
            observer(fault)
        return fault

    def _counted(self, error: PipelineError, times: int) -> Fault:
        key, text, now = (error.node, error.kind, error.place), str(error), time.monotonic()
        known = self._entries.pop(key, None)
        if known is None:
            fault = Fault(*key, first=text, last=text, count=times, began=now, recent=now)
        else:
            fault = replace(known, last=text, count=known.count + times, recent=now)
        # A dict keeps the order of insertion, so the first entry is the one that has rested for longest.
        self._entries[key] = fault
        if len(self._entries) > self._limit:
            del self._entries[next(iter(self._entries))]
        return fault

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter(list(self._entries.values()))

    def count(self, kind: Kind) -> int:
        """How often faults of this kind occurred, over all nodes."""
        return sum(fault.count for fault in self if fault.kind == kind)
