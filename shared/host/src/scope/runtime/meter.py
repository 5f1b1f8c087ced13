"""Figures of a live show, gathered over the last second."""

import statistics
import threading
from collections.abc import Sequence
from typing import NamedTuple


class Figures(NamedTuple):
    """`count` samples a second, their median and their 95th percentile; 0 without a sample."""

    rate: float
    p50: float
    p95: float


class Meter:
    """Samples of one quantity, such as the milliseconds of a stage's calls. Any thread adds, one reads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: list[float] = []

    def add(self, sample: float) -> None:
        """One more sample."""
        with self._lock:
            self._samples.append(sample)

    def read(self, seconds: float) -> Figures:
        """The samples since the last reading, `seconds` ago; a new interval begins."""
        with self._lock:
            samples, self._samples = self._samples, []
        return Figures(len(samples) / seconds, *percentiles(samples))


def percentiles(samples: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile; 0 for none."""
    if not samples:
        return 0.0, 0.0
    ranked = sorted(samples)
    return statistics.median(ranked), ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]
