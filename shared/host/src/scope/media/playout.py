"""Sound that is played as time goes by, whatever comes when. Importing this module imports no torch."""

from collections import deque

import numpy as np

from scope.media.live_sound import LIVE_RATE, SEAM, silence

# About twenty seconds in blocks of 50 ms.
_MOST_WAITING = 400


class Playout:
    """Blocks of samples, float32 (2, N), at their times in seconds; between them is silence, and what is late is cut."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[int, np.ndarray]] = deque(maxlen=_MOST_WAITING)
        self._end = 0

    def put(self, samples: np.ndarray, seconds: float) -> None:
        """A block that is heard from `seconds` on; one that nearly touches the one before follows it without a seam."""
        position = round(seconds * LIVE_RATE)
        position = self._end if abs(position - self._end) <= SEAM else position
        self._blocks.append((position, samples))
        self._end = position + samples.shape[1]

    def take(self, seconds: float, count: int) -> np.ndarray:
        """What is heard from `seconds` on, for so many samples; earlier ones are gone."""
        start, found = round(seconds * LIVE_RATE), silence(count)
        while self._blocks and self._blocks[0][0] + self._blocks[0][1].shape[1] <= start:
            self._blocks.popleft()
        for position, samples in self._blocks:
            first, last = max(position, start), min(position + samples.shape[1], start + count)
            if first < last:
                found[:, first - start : last - start] = samples[:, first - position : last - position]
        return found
