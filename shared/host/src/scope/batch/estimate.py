"""What a batch will take: frames by the inputs, time by films like these, measured earlier or on a few frames now."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from scope.batch.film import DEFAULT_SECONDS
from scope.batch.manifest import Entry
from scope.batch.plan import Job
from scope.batch.record import DEFAULT_RATE
from scope.batch.setup import place_of
from scope.batch.stores import is_url
from scope.batch.work import Worker
from scope.media import MediaError, open_source

PROBED_FRAMES = 24


@dataclass(frozen=True)
class Speed:
    """Seconds for a frame and for the loading of a worker, and how they are known."""

    frame: float
    loading: float
    known_from: str

    def seconds(self, frames: int, workers: int) -> float:
        """How long so many frames take."""
        return self.loading + frames * self.frame / workers


def frame_counts(jobs: Sequence[Job]) -> list[int | None]:
    """How many frames each job will have; None where only the rendering can tell, or that the input is unreadable."""

    @cache
    def counted(place: str, fps: float | None) -> tuple[int | None, Fraction]:
        with open_source(place, rate=None if fps is None else Fraction(fps).limit_denominator(100_000)) as source:
            return source.count, source.rate

    return [_frames(job, counted) for job in jobs]


Counted = Callable[[str, float | None], tuple[int | None, Fraction]]


def _frames(job: Job, counted: Counted) -> int | None:
    options = job.options
    if options.frames is not None:
        return options.frames
    place = _place(job)
    if place is not None and is_url(place):
        return None
    try:
        count, rate = counted(place, options.fps) if place else (None, Fraction(options.fps or DEFAULT_RATE))
    except MediaError:
        return None
    if options.seconds is None and count is not None:
        return count
    wanted = max(1, round((options.seconds or DEFAULT_SECONDS) * rate))
    return wanted if count is None else min(count, wanted)


def _place(job: Job) -> str | None:
    if job.input is not None:
        return job.input
    source = job.setup.get("source") or {}
    return None if source.get("kind", "none") == "none" else place_of(source)


def speed_of(entries: Sequence[Entry], job: Job) -> Speed:
    """From what was rendered here before, else from a few frames of `job`."""
    done = [entry for entry in entries if entry.state == "done" and entry.frames]
    if done:
        frames = sum(entry.frames for entry in done)
        seconds = sum(entry.seconds - entry.loading for entry in done)
        return Speed(seconds / frames, max(e.loading for e in done), f"{len(done)} films rendered before")
    return _probed(job)


def _probed(job: Job) -> Speed:
    with tempfile.TemporaryDirectory(prefix="scope-batch-") as folder:
        few = replace(
            job, output=f"{folder}/probe.mp4", options=replace(job.options, frames=PROBED_FRAMES, seconds=None)
        )
        told = Worker().render(few, lambda done, total: None)
    seconds = told["seconds"] - told["loading"]
    return Speed(seconds / max(1, told["frames"]), told["loading"], f"{told['frames']} frames rendered now")
