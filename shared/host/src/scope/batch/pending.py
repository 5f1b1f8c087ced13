"""What of a batch is still to be done: films that are not there yet, and the parts of those that were split."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from scope.batch.manifest import Entry, Manifest
from scope.batch.parts import Split, joined
from scope.batch.plan import Job
from scope.batch.stores import content, exists, is_url, removed


def pending(jobs: Sequence[Job], manifest: Manifest) -> list[Job]:
    """The jobs that are not done, or whose set-up, input or output has changed since."""
    done = manifest.done()
    return [job for job in jobs if not is_done(job, done.get(job.name))]


@dataclass
class _Film:
    """A film in parts: what its finished parts were, and the names of the others."""

    job: Job
    parts: Sequence[Job]
    made: list[Entry] = field(default_factory=list)
    left: set[str] = field(default_factory=set)


class Shares:
    """The films that are rendered in parts; what was made of them by an earlier run counts."""

    def __init__(self, split: Split, manifest: Manifest) -> None:
        self._split, self._done = split, manifest.done()
        self._films: dict[str, _Film] = {}

    def begin(self, job: Job) -> list[Job]:
        """What is to be done first for a film: itself, or the parts that are missing, or the joining of all of them."""
        parts = self._split(job)
        if not parts:
            return [job]
        film = self._films[job.name] = _Film(job, parts)
        missing = [part for part in parts if not is_done(part, self._done.get(part.name))]
        film.left = {part.name for part in missing}
        film.made = [self._done[part.name] for part in parts if part.name not in film.left]
        return missing or [joined(job, parts)]

    def next(self, job: Job, entry: Entry) -> list[Job]:
        """What can be done after a job has ended."""
        if entry.state == "done" and entry.parts:
            removed(job.joins[0].rpartition("/")[0])
        if entry.state == "failed" or job.part is None:
            return []
        film = self._films[job.part.film]
        film.left.discard(job.name)
        film.made.append(entry)
        return [] if film.left else [joined(film.job, film.parts)]

    def completed(self, entry: Entry) -> Entry:
        """The entry of a joined film with what its parts took and had to say."""
        if entry.state == "failed" or not entry.parts:
            return entry
        made = self._films[entry.job].made
        notes = dict.fromkeys(note for one in (*made, entry) for note in one.notes)
        seconds = entry.seconds + sum(one.seconds for one in made)
        return replace(entry, seconds=seconds, loading=sum(one.loading for one in made), notes=tuple(notes))


def is_done(job: Job, entry: Entry | None) -> bool:
    """Whether an entry tells of this very job, its film is there, and its input is as it was."""
    if entry is None or entry.key != job.key:
        return False
    # To ask a store for each of thousands of films would take long; parts are few, and joined by whoever looks for them.
    if (job.part is not None or not is_url(job.output)) and not exists(job.output):
        return False
    if job.input is None or is_url(job.input) or entry.input is None:
        return True
    return _is_unchanged(Path(job.input), entry)


def _is_unchanged(path: Path, entry: Entry) -> bool:
    assert entry.input is not None
    if not path.exists() or path.stat().st_size != entry.input["bytes"]:
        return False
    if path.stat().st_mtime < datetime.fromisoformat(entry.finished).timestamp() - entry.seconds:
        return True
    return content(path) == entry.input
