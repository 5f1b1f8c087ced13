"""When things happen in a live show: when a chunk's frames are shown, when a generator is called, when a fault rests."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from scope.runtime.intake import Item

DEFAULT_RATE = 30.0
NOTHING_YET_SECONDS = 0.01

FAULTS_BEFORE_REST = 10
RESTS_SECONDS = (1.0, 2.0, 4.0, 10.0)


class Period:
    """The smoothed time between calls, which is how long a chunk lasts when nobody sets a frame rate."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._smoothed: float | None = None

    def tick(self, now: float) -> float | None:
        """A call starts; seconds between calls so far, None before the second one.

        A step of more than a factor of two, such as after a pause or a size change, is believed at once.
        """
        gap, self._last = (None if self._last is None else now - self._last), now
        if gap is None:
            return self._smoothed
        known = self._smoothed
        near = known is not None and known / 2 < gap < known * 2
        self._smoothed = known + 0.2 * (gap - known) if known is not None and near else gap
        return self._smoothed


def next_due(due: float, now: float, interval: float) -> float:
    """When the next one of a regular series is due, after one that was due at `due` and happened `now`.

    A delay below one interval is caught up with; after a longer one the series starts anew.
    """
    return (due if now - due < interval else now) + interval


class Pacer:
    """Plays the frames of a chunk one after the other while the next chunk is made.

    At most one chunk waits while another one is played. While more waits than one chunk it plays faster, so that a late
    chunk costs no lasting delay; beyond two chunks the oldest frames go, counted.
    """

    def __init__(self) -> None:
        self._waiting: deque[Item] = deque()
        self._next = 0.0
        self.dropped = 0

    def put(self, items: Iterable[Item]) -> None:
        """Add frames in order; those without a pace are due at once."""
        for item in items:
            self._waiting.append(item)
            surplus = len(self._waiting) - (2 * item.pace.count if item.pace else 1)
            for _ in range(surplus):
                self._waiting.popleft()
                self.dropped += 1

    def due(self) -> float | None:
        """Monotonic seconds when the next frame is to be shown; None when none waits."""
        if not self._waiting:
            return None
        return self._next if self._waiting[0].pace else 0.0

    def pop(self, now: float) -> Item:
        """The frame that is due; the one after it is due an interval later."""
        backlog = len(self._waiting)
        item = self._waiting.popleft()
        if item.pace:
            interval = item.pace.interval * min(1.0, item.pace.count / backlog)
            self._next = next_due(self._next, now, interval)
        return item

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()


class Beat:
    """When a pipeline without input is called: for the frames that are due, and never ahead of its viewers."""

    def __init__(self) -> None:
        self._next = 0.0

    def due(self) -> float:
        """Monotonic seconds of the next call."""
        return self._next

    def made(self, frames: int, now: float, rate: float) -> None:
        """`frames` were made by a call that began at `now`; a delay is not caught up with."""
        self._next = next_due(self._next, now, frames / rate) if frames else now + NOTHING_YET_SECONDS


@dataclass
class Rest:
    """Whether a stage may be called: after ten faults in a row it rests, longer each time, up to ten seconds."""

    until: float = 0.0
    _in_a_row: int = 0
    _rests: int = 0

    def faulted(self, now: float) -> float | None:
        """Count a fault; the seconds of the rest that begins now, if one does."""
        self._in_a_row += 1
        if self._in_a_row < FAULTS_BEFORE_REST:
            return None
        seconds = RESTS_SECONDS[min(self._rests, len(RESTS_SECONDS) - 1)]
        self._rests, self.until = self._rests + 1, now + seconds
        return seconds

    def stop(self) -> float:
        """Rest until something changes."""
        self._in_a_row, self.until = self._in_a_row + 1, math.inf
        return math.inf

    def worked(self) -> bool:
        """A call succeeded; True if there were faults before it."""
        before = self._in_a_row > 0
        self._in_a_row, self._rests, self.until = 0, 0, 0.0
        return before

    def wake(self) -> None:
        """Something changed: try at once."""
        self.until = 0.0

    def resting(self, now: float) -> bool:
        """True while the stage is not to be called."""
        return now < self.until
