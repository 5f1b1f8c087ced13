"""Times of named stages and of single functions; on CUDA by events, so that nothing waits in between."""

import time
from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import contextmanager

import torch


class Stopwatch:
    """Sums up the time of named stages."""

    def __init__(self, device: torch.device):
        self._cuda = device.type == "cuda"
        self._spans: dict[str, list[tuple]] = defaultdict(list)

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Time what happens inside."""
        start = self._now()
        yield
        self._spans[name].append((start, self._now()))

    def _now(self):
        if not self._cuda:
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def clear(self) -> None:
        """Forget warm-up."""
        self._spans.clear()

    def milliseconds(self, chunks: int) -> dict[str, float]:
        """Mean time of every stage a chunk."""
        return {name: sum(self._length(*span) for span in spans) / chunks for name, spans in self._spans.items()}

    def _length(self, start, end) -> float:
        return start.elapsed_time(end) if self._cuda else (end - start) * 1000


def wait(device: torch.device) -> None:
    """Until the device has done everything that was queued."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def milliseconds(function: Callable[[], object], device: torch.device, repeats: int = 20) -> float:
    """Mean time of a call after three that do not count."""
    for _ in range(3):
        function()
    watch = Stopwatch(device)
    with watch.stage("all"):
        for _ in range(repeats):
            function()
    wait(device)
    return watch.milliseconds(repeats)["all"]
