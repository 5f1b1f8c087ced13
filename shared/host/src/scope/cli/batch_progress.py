"""How far a batch is: a bar for the whole and one for each worker, on a terminal; lines for what failed anywhere."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from scope.batch.crew import Began, Ended, Event, Moved


class BatchProgress:
    """Shows the events of a batch of `total` jobs."""

    def __init__(self, total: int) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._whole = self._bar.add_task("films", total=total)
        self._jobs: dict[str, TaskID] = {}
        self._said: set[tuple[str, str]] = set()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, event: Event) -> None:
        """Show what happened."""
        match event:
            case Began():
                self._jobs[event.job.name] = self._bar.add_task(escape(f"  {event.job.name}"), total=None)
            case Moved():
                self._bar.update(self._jobs[event.job.name], completed=event.done, total=event.total)
            case Ended():
                self._bar.remove_task(self._jobs.pop(event.job.name))
                if event.error:
                    self._say(event)
                elif event.job.part is None:
                    self._bar.advance(self._whole)

    def _say(self, event: Ended) -> None:
        """Every failure once, however often the job is tried."""
        if (event.job.name, event.error) in self._said:
            return
        self._said.add((event.job.name, event.error))
        text = f"[yellow]failed:[/] {escape(f'{event.job.name}: {event.error}')}"
        self._bar.console.print(text, soft_wrap=True, highlight=False)
