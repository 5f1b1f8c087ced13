"""Measuring in rounds: every subject once a round, so that all meet the same weather."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import psutil
import torch
from torch import Tensor

from scope.core.pipelines.interface import Pipeline
from scope_testkit.bench.rows import Row

if sys.platform != "win32":
    import resource

WARM = 3
"""Rounds that do not count: first calls make maps."""
UNEVEN = 3.0
"""A frame that takes more than this many times the median is late in a live show."""
SWEPT = 128 << 20
"""Bytes that are written before a call, so that no cache holds anything of it: more than most caches have."""


@dataclass
class Subject:
    """What is measured. `run` gets the number of the round. `cached`: whether it has run just before a call that counts;
    otherwise caches are cold, as between the other work of a live host.

    `times` are seconds a frame, `faults` the pages that the system had to supply for it, `grown` the bytes by which the
    process, or on a GPU the allocator, has grown within its calls.
    """

    name: str
    run: Callable[[int], Any]
    target: float | None = None
    cached: bool = False
    times: list[float] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)
    grown: int = 0

    @property
    def least(self) -> float:
        return min(self.times)

    @property
    def middle(self) -> float:
        return median(self.times)

    @property
    def faults_a_frame(self) -> float:
        return median(self.faults) if self.faults else 0.0

    @property
    def unevenness(self) -> float:
        """The longest frame as a multiple of the median."""
        return max(self.times) / self.middle


def measure(
    subjects: list[Subject], rounds: int, device: torch.device, clock: Callable[[], float] = time.perf_counter
) -> None:
    """Run every subject `rounds` times in turn, after the warm-up, and note the seconds of each by `clock`."""
    swept = torch.empty(SWEPT, dtype=torch.uint8, device=device)
    for number in range(WARM + rounds):
        for subject in subjects:
            subject.run(number) if subject.cached else swept.zero_()
            _wait(device)
            held, faults, start = _held(device), _faults(), clock()
            subject.run(number)
            _wait(device)
            if number >= WARM:
                subject.times.append(clock() - start)
                subject.faults.append(_faults() - faults)
                subject.grown += _held(device) - held


def clones_of(frame: Tensor, device: torch.device) -> tuple[Subject, Subject]:
    """The yardstick: a copy of the frame as float32, and the same out of the cache."""
    floats = frame.to(device, torch.float32)
    return (
        Subject("clone of a float32 frame", lambda number: floats.clone()),
        Subject("the same out of the cache", lambda number: floats.clone(), cached=True),
    )


def subject_of(row: Row, pipeline: Pipeline, film: list[Tensor]) -> Subject:
    takes_video = "video" in pipeline.get_config_class().get_supported_modes()

    def run(number: int) -> Any:
        call = _moved(row.call, number) if row.moving else row.call
        video = {"video": [film[number % len(film)]]} if takes_video else {}
        return pipeline(frame_time=number / 30.0, init_cache=number == 0, **video, **call)

    return Subject(row.name, run, row.target)


def _moved(call: dict[str, Any], number: int) -> dict[str, Any]:
    """Every float a little less, by another amount with every frame."""
    return {n: v * (1.0 - 0.02 * (number * 7 % 10)) if isinstance(v, float) else v for n, v in call.items()}


def _held(device: torch.device) -> int:
    """Bytes in use: of the allocator on a GPU, of the process otherwise."""
    return torch.cuda.memory_allocated(device) if device.type == "cuda" else psutil.Process().memory_info().rss


def _faults() -> int:
    """Pages that the system has supplied to the process so far without reading them from a disk."""
    if sys.platform == "win32":
        return psutil.Process().memory_info().num_page_faults
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
