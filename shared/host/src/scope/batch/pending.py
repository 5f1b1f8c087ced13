"""What of a batch is still to be done: films that are not there yet, and the parts of those that were split."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from scope.batch.manifest import Entry, Manifest
from scope.batch.parts import Split, joined
from scope.batch.plan import Job
from scope.batch.stores import LOOKING, Facts, content, facts, is_url, removed, there


def pending(jobs: Sequence[Job], manifest: Manifest) -> list[Job]:
    """The jobs that are not done, or whose set-up, input or output has changed since.

    Raises:
        StoreError: a store of inputs or outputs cannot be reached.
    """
    done = manifest.done()
    known = [job for job in jobs if job.name in done]
    lying, inputs = there([job.output for job in known]), {job.input for job in known if job.input is not None}
    with ThreadPoolExecutor(LOOKING) as pool:
        found = dict(zip(inputs, pool.map(facts, inputs), strict=True))
    finished = {
        job.name for job in known if job.output in lying and is_done(job, done[job.name], found.get(job.input or ""))
    }
    return [job for job in jobs if job.name not in finished]


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
        known = [part for part in parts if part.name in self._done]
        lying, found = there([part.output for part in known]), facts(str(job.input))
        finished = {p.name for p in known if p.output in lying and is_done(p, self._done[p.name], found)}
        missing = [part for part in parts if part.name not in finished]
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


def is_done(job: Job, entry: Entry, found: Facts | None) -> bool:
    """Whether an entry tells of this very job, and its input is as it was; `found`: what is known of that now."""
    if entry.key != job.key:
        return False
    if job.input is None or entry.input is None:
        return True
    return found is not None and _is_unchanged(job.input, entry.input, found, entry)


def _is_unchanged(place: str, read: Mapping[str, Any], found: Facts, entry: Entry) -> bool:
    """By its size and its time; by its checksum where it is younger than the film and lies here."""
    if found.bytes not in (read["bytes"], None):
        return False
    begun = datetime.fromisoformat(entry.finished) - timedelta(seconds=entry.seconds)
    if found.written is None or found.written < begun:
        return True
    return not is_url(place) and content(Path(place)) == read
