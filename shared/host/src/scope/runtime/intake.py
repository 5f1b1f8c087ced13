"""What waits in front of a stage of a live chain: bounded, and the newest wins."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch

from scope.runtime.frames import Frame


class Pace(NamedTuple):
    """How a chunk is shown: `count` frames, `interval` seconds apart."""

    interval: float
    count: int


class Item[C](NamedTuple):
    """A frame on its way through a live chain.

    `chain` is the one it set out on, so that an edit never sends a frame through half of two chains. `taken`: for each
    stage it has been through, how many changes that stage had taken. `pace`: that of the chunk it belongs to; None for
    a single frame, which is shown at once. `ready`: passed by the GPU when the pixels are there; None on the CPU.
    """

    frame: Frame
    chain: C
    taken: Mapping[str, int]
    pace: Pace | None = None
    ready: torch.cuda.Event | None = None


class Intake:
    """Items in front of one stage; any thread puts, the stage's lane takes.

    A single frame that finds the intake full pushes the oldest out. The frames of a chunk stay together in order, since
    they are one movement: a chunk finds room at the cost of what waited before it.
    """

    def __init__(self, wake: Callable[[], object] = lambda: None) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._waiting: deque[Item] = deque()
        self._need = 1
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, items: Sequence[Item]) -> None:
        """Add the frames of one call, or a single one from the source."""
        with self._lock:
            self._waiting.extend(items)
            chunk = max((item.pace.count for item in items if item.pace), default=0)
            self._drop(len(self._waiting) - max(2, 2 * self._need, chunk))
        self._wake()

    def take(self, need: int) -> list[Item] | None:
        """`need` items for a call, or None while there are fewer.

        Of single frames those taken are spread evenly over all that wait and end with the newest: twelve frames in a row
        from a fast source would play in slow motion and jump. Frames of a chunk come in order, without a gap.
        """
        with self._lock:
            self._need = need
            if len(self._waiting) < need:
                return None
            if self._waiting[0].pace:
                return [self._waiting.popleft() for _ in range(need)]
            taken = evenly(list(self._waiting), need)
            self.dropped += len(self._waiting) - need
            self._waiting.clear()
            return taken

    def clear(self) -> None:
        """Forget what waits, without counting it as dropped: after a pause it is no longer new."""
        with self._lock:
            self._waiting.clear()

    def _drop(self, surplus: int) -> None:
        for _ in range(surplus):
            self._waiting.popleft()
        self.dropped += max(0, surplus)


def evenly[T](items: Sequence[T], count: int) -> list[T]:
    """`count` of the items, evenly spread, the last one always among them."""
    return [items[(i + 1) * len(items) // count - 1] for i in range(count)]
