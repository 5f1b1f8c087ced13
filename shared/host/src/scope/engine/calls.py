"""Which pipeline is being called, written where it can still be read when the engine hangs or has died."""

import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

# When the call began on `time.monotonic_ns` (0: none runs), how many have ended, and the node's id.
_SLOT = struct.Struct("<QQ80s")
SLOTS = 32
BOARD_SIZE = SLOTS * _SLOT.size


class Call(NamedTuple):
    """A call that has not returned for `seconds`; `ended` calls of the same node before it have."""

    node: str
    seconds: float
    ended: int


class CallBoard:
    """The calls of one engine. The engine writes, and the server reads, which gives both the same memory.

    A chain of more than `SLOTS` nodes is watched in part.
    """

    def __init__(self, memory: memoryview | bytearray | None = None) -> None:
        self._memory = bytearray(BOARD_SIZE) if memory is None else memory
        self._slots: dict[str, int] = {}
        self._ended: dict[str, int] = {}
        self._lock = threading.Lock()

    def begin(self, node: str) -> None:
        """The node is called now."""
        self._write(node, time.monotonic_ns())

    def end(self, node: str) -> None:
        """It returned or raised."""
        self._ended[node] = self._ended.get(node, 0) + 1
        self._write(node, 0)

    def running(self) -> list[Call]:
        """The calls that have not returned, the latest first."""
        now = time.monotonic_ns()
        found = [_SLOT.unpack_from(self._memory, i * _SLOT.size) for i in range(SLOTS)]
        begun = sorted((slot for slot in found if slot[0]), reverse=True)
        return [Call(name.rstrip(b"\0").decode(), (now - began) / 1e9, ended) for began, ended, name in begun]

    def clear(self) -> None:
        """Forget everything, for the next engine."""
        self._memory[:BOARD_SIZE] = bytes(BOARD_SIZE)

    def _write(self, node: str, began: int) -> None:
        with self._lock:
            slot = self._slots.setdefault(node, len(self._slots))
        if slot < SLOTS:
            _SLOT.pack_into(self._memory, slot * _SLOT.size, began, self._ended.get(node, 0), node.encode()[:80])


@dataclass(frozen=True)
class Patience:
    """Seconds that a call may take before a person is told, and before the engine is ended.

    The first call of a pipeline may compile or download and has longer.
    """

    told: float = 10.0
    ended: float = 30.0
    told_first: float = 120.0
    ended_first: float = 900.0

    def tells(self, call: Call) -> bool:
        """Whether the call has taken long enough to say so."""
        return call.seconds > (self.told if call.ended else self.told_first)

    def ends(self, call: Call) -> bool:
        """Whether it will not come back."""
        return call.seconds > (self.ended if call.ended else self.ended_first)


@dataclass
class Watch:
    """Looks at the board now and then and finds each stalled call once."""

    board: CallBoard
    patience: Patience
    _told: set[tuple[str, int]] = field(default_factory=set)

    def stalled(self) -> Iterator[Call]:
        """Calls to be told of that were not yet."""
        for call in self.board.running():
            if self.patience.tells(call) and (call.node, call.ended) not in self._told:
                self._told.add((call.node, call.ended))
                yield call

    def lost(self) -> Call | None:
        """A call that will not come back."""
        return next((call for call in self.board.running() if self.patience.ends(call)), None)
