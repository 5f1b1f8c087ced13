"""Writes what a session makes into a file, with a progress bar, and says how fast it went."""

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from scope.media import open_sink
from scope.runtime.frames import Chunk

Watch = Callable[[Chunk], None]


@dataclass(frozen=True)
class Summary:
    """What was written and how long it took."""

    path: str
    frames: int
    size: tuple[int, int]
    rate: Fraction
    seconds: float

    def __str__(self) -> str:
        width, height = self.size
        film = f"{self.frames} frames, {width}x{height}, {float(self.rate):.5g} a second"
        speed = self.frames / max(self.seconds, 1e-9)
        return f"{self.path}: {film}; rendered in {self.seconds:.1f} s, {speed:.1f} frames a second"


def playback_rate(chunk: Chunk | None, rate: Fraction) -> Fraction:
    """The rate that the pipeline set, else `rate`."""
    if chunk is None or chunk.frame_rate is None:
        return rate
    return Fraction(chunk.frame_rate).limit_denominator(100_000)


def record(
    chunks: Iterable[Chunk],
    path: str,
    rate: Fraction,
    *,
    title: str,
    total: int | None = None,
    watch: Watch | None = None,
) -> Summary:
    """Write chunks to a file; after any exception nothing is left of it.

    `rate` is the playback rate unless the pipeline sets one with its first frames; `watch` sees every chunk.

    Raises:
        MediaError: the file cannot be written, or there was not a single frame.
    """
    start = time.perf_counter()
    running = iter(chunks)
    first = next(running, None)
    rate = playback_rate(first, rate)
    with open_sink(path, rate=rate) as sink, _progress() as progress:
        task = progress.add_task(title, total=total, speed="")
        for chunk in chain([] if first is None else [first], running):
            sink.write(chunk.video)
            if watch is not None:
                watch(chunk)
            speed = sink.frames / (time.perf_counter() - start)
            progress.update(task, completed=sink.frames, speed=f"{speed:.1f} frames/s")
    return Summary(path, sink.frames, sink.size or (0, 0), rate, time.perf_counter() - start)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
