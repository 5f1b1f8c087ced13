"""Keeps the sound of a source until its pictures are shown: only then is it known how late they are."""

import statistics
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

# The usual delay is the median over so many pictures: the sound follows it without seams.
_DELAYS = 9
# A picture that is further off the usual is followed exactly. ITU-R BT.1359: a viewer notices from about here.
_NOTICED_SECONDS = 0.1
# About twenty seconds of a film, for chains that stand still.
_MOST_BLOCKS = 600


class Block(NamedTuple):
    """`samples` that belong to the picture captured at `captured`, and would be heard at `due` if that took no time."""

    samples: np.ndarray
    captured: float
    due: float


class HeldSound:
    """Blocks in order, and the delays of the pictures shown of late. All times are monotonic seconds."""

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque(maxlen=_MOST_BLOCKS)
        self._delays: deque[float] = deque(maxlen=_DELAYS)
        self._shown = float("-inf")

    def hold(self, block: Block) -> None:
        """Add a block; its picture may have been shown already."""
        self._blocks.append(block)

    def shown(self, captured: float, now: float) -> None:
        """The picture captured at `captured` has just been shown."""
        self._shown = captured
        self._delays.append(now - captured)

    def released(self) -> Iterator[tuple[np.ndarray, float]]:
        """Every block whose picture, or one after it, has been shown, with the time from which it is heard."""
        while self._blocks and self._blocks[0].captured <= self._shown:
            block = self._blocks.popleft()
            yield block.samples, block.due + self._delay()

    def clear(self) -> None:
        """Forget what waits."""
        self._blocks.clear()

    def _delay(self) -> float:
        usual, last = statistics.median(self._delays), self._delays[-1]
        return usual if abs(last - usual) < _NOTICED_SECONDS else last
