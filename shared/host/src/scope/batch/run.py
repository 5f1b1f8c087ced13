"""Runs a batch: skips what is done, hands out the rest, tries again what failed, and writes down what became of it."""

from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from scope.batch.crew import Crew, CrewError, Ended, Event
from scope.batch.manifest import Entry, Manifest
from scope.batch.parts import Split, whole
from scope.batch.pending import Shares, pending
from scope.batch.plan import Job
from scope.batch.stores import LOOKING, sweep

OWN_FOLDER = ".scope-batch"


class BatchError(RuntimeError):
    """A batch that cannot be run, in one sentence."""


@dataclass
class Outcome:
    """How a batch ended: the names of the jobs that were done now and earlier, and why each other one failed."""

    done: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    frames: int = 0


@contextmanager
def batch_folder(folder: Path, films: str | None = None) -> Generator[Path]:
    """The folder of a batch, made if it is missing, for one driver at a time; what an earlier one left half is removed.

    `films`: a path or URL where the films go, if it is another.

    Raises:
        BatchError: another batch writes there, or it cannot be written.
        StoreError: the store of the films cannot be reached.
    """
    own = folder / OWN_FOLDER
    try:
        own.mkdir(parents=True, exist_ok=True)
        lock = FileLock(own / "lock", timeout=0).acquire()
    except Timeout as error:
        raise BatchError(f"another batch is writing to {folder}") from error
    except OSError as error:
        raise BatchError(f"cannot write to {folder}: {error.strerror}") from error
    place = str(folder) if films is None else films
    with lock:
        sweep(place)
        try:
            yield folder
        finally:
            sweep(place)


def run(
    jobs: Sequence[Job],
    crew: Crew,
    folder: Path,
    *,
    tries: int,
    watch: Callable[[Event], None] = lambda event: None,
    split: Split = whole,
) -> Outcome:
    """Render every pending job, each up to `tries` times; one that fails costs only itself.

    A film that `split` gives parts of is rendered in those, up to `tries` times each, and joined.

    Raises:
        BatchError: the workers cannot work at all, or the manifest cannot be written.
    """
    manifest, outcome, attempts = Manifest(folder), Outcome(), Counter[str]()
    left, shares = pending(jobs, manifest), Shares(split, manifest)
    outcome.skipped = [job.name for job in jobs if job not in left]
    with ThreadPoolExecutor(LOOKING) as pool:
        waiting = deque(job for jobs in pool.map(shares.begin, left) for job in jobs)
    try:
        for event in crew.work(waiting):
            watch(event)
            if isinstance(event, Ended):
                attempts[event.job.name] += 1
                entry = shares.completed(_entry(event, attempts[event.job.name]))
                _write_down(manifest, entry)
                _account(outcome, entry, event.job, waiting, tries)
                waiting.extendleft(shares.next(event.job, entry))
    except CrewError as error:
        raise BatchError(str(error)) from error
    finally:
        crew.close()
    return outcome


def _write_down(manifest: Manifest, entry: Entry) -> None:
    """What is not written down would be done again."""
    try:
        manifest.add(entry)
    except OSError as error:
        raise BatchError(f"cannot write to {manifest.path}: {error.strerror}") from error


def _account(outcome: Outcome, entry: Entry, job: Job, waiting: deque[Job], tries: int) -> None:
    if entry.state == "done" and job.part is None:
        outcome.done.append(job.name)
        outcome.frames += entry.frames
    elif entry.state == "failed" and entry.attempt < tries:
        # At the end: what ails one machine for a moment has passed by then.
        waiting.append(job)
    elif entry.state == "failed":
        outcome.failed[job.part.film if job.part else job.name] = entry.error


def _entry(event: Ended, attempt: int) -> Entry:
    told: dict[str, Any] = dict(event.result or {})
    return Entry(
        job=event.job.name,
        key=event.job.key,
        state="failed" if event.result is None else "done",
        attempt=attempt,
        worker=event.worker,
        finished=datetime.now(UTC).isoformat(timespec="milliseconds"),
        setup=event.job.setup_hash,
        film=event.job.part.film if event.job.part else "",
        error=event.error,
        output=event.job.output,
        **told,
    )
