"""A progress bar while films are written, on a terminal only."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from scope.batch.record import Watch
from scope.runtime.frames import Chunk


@contextmanager
def progress_bar(title: str) -> Generator[Watch]:
    """A bar for one film; what it yields is told of every chunk that is written."""
    start = time.perf_counter()
    with _bar() as bar:
        task = bar.add_task(title, total=None, speed="")

        def watch(_chunk: Chunk, done: int, total: int | None) -> None:
            speed = f"{done / (time.perf_counter() - start):.1f} frames/s"
            bar.update(task, completed=done, total=total, speed=speed)

        yield watch


def _bar() -> Progress:
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
