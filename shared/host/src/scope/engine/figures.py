"""A show's figures once a second."""

import time
from contextlib import suppress

import psutil
import torch

from scope.engine.events import StageStats, Stats
from scope.runtime.show import Show


class Figures:
    """Reads what a show has measured since the last reading."""

    def __init__(self) -> None:
        self._last, self._fed = time.monotonic(), 0
        self._process = psutil.Process()

    def read(self, show: Show, fed: int, film_began: float | None) -> Stats:
        """`fed`: frames that the source has given so far. `film_began`: as in `Stats`."""
        now = time.monotonic()
        seconds, self._last = max(now - self._last, 1e-3), now
        source_fps, self._fed = max(0, fed - self._fed) / seconds, fed
        steps, ages = show.figures(seconds)
        return Stats(
            fps=round(ages.rate, 1),
            age_ms={"p50": round(ages.p50, 1), "p95": round(ages.p95, 1)},
            stages={
                node: StageStats(round(s.calls.p50, 2), round(s.calls.rate * seconds), s.dropped, s.faults, s.resting)
                for node, s in steps.items()
            },
            memory_mb=round(self._process.memory_info().rss / 2**20, 1),
            gpu=gpu_figures(),
            source_fps=round(source_fps, 1),
            source_frames=fed,
            idle=show.idle,
            paused=show.paused,
            film_began=film_began,
        )


def gpu_figures() -> dict[str, float]:
    """`used_mb` and `total_mb` of the GPU's memory, and `load` in percent where the driver's library is installed."""
    if not torch.cuda.is_available():
        return {}
    free, total = torch.cuda.mem_get_info()
    figures = {"used_mb": round((total - free) / 2**20), "total_mb": round(total / 2**20)}
    with suppress(ModuleNotFoundError):
        figures["load"] = torch.cuda.utilization()
    return figures
