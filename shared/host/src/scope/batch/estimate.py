"""What a batch will take: frames by the inputs, time by films like these, measured earlier or on a few frames now."""

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from statistics import median_low

import torch

from scope.batch.crew import Seat
from scope.batch.film import DEFAULT_SECONDS
from scope.batch.manifest import Entry
from scope.batch.plan import Job, Part
from scope.batch.record import DEFAULT_RATE
from scope.batch.scaling import Costs
from scope.batch.setup import place_of
from scope.batch.stores import LOOKING, film_at, is_url
from scope.batch.work import Worker
from scope.media import MediaError, open_source

PROBED_FRAMES = 24


def frame_counts(jobs: Sequence[Job]) -> list[int | None]:
    """How many frames each job will have; None where only the rendering can tell, or that the input is unreadable."""

    @cache
    def counted(place: str, fps: float | None) -> tuple[int | None, Fraction]:
        found = film_at(place) if is_url(place) else place
        with open_source(found, rate=None if fps is None else Fraction(fps).limit_denominator(100_000)) as source:
            return source.count, source.rate

    with ThreadPoolExecutor(LOOKING) as pool:
        return list(pool.map(lambda job: _frames(job, counted), jobs))


Counted = Callable[[str, float | None], tuple[int | None, Fraction]]


def _frames(job: Job, counted: Counted) -> int | None:
    options = job.options
    if options.frames is not None:
        return options.frames
    place = _place(job)
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


@dataclass(frozen=True)
class Sample:
    """A film that was rendered: its frames, all its seconds, and those of them in which no frame was made."""

    frames: int
    seconds: float
    loading: float


def costs_of(entries: Sequence[Entry], job: Job, seat: Seat, start: float) -> tuple[Costs, str]:
    """What a film costs a worker, and how that is known: from films rendered here before, else from `job`'s beginning.

    `start`: seconds that a worker takes until it can begin.
    """
    done = [entry for entry in entries if entry.state == "done" and entry.frames and not entry.parts]
    if not done:
        return _costs(_probed(job, seat), start), f"{PROBED_FRAMES} frames rendered now"
    samples = [Sample(entry.frames, entry.seconds, entry.loading) for entry in done]
    return _costs(samples, start), f"{len(done)} films rendered before"


def _costs(samples: Sequence[Sample], start: float) -> Costs:
    frames = sum(sample.frames for sample in samples)
    working = sum(sample.seconds - sample.loading for sample in samples)
    # The first film of a worker waits until its pipelines are loaded.
    overhead = median_low(sample.loading for sample in samples)
    first = max(sample.loading for sample in samples)
    return Costs(start + first - overhead, overhead, working / max(1, frames), driver=0.0)


def _probed(job: Job, seat: Seat) -> list[Sample]:
    """The beginning of a film, rendered by this process twice: the second time the pipelines are loaded."""
    options = replace(job.options, frames=PROBED_FRAMES, seconds=None)
    # All of a film at a URL would be fetched; of a part no more than the part is.
    part = Part(job.name, None, None) if job.input is not None and is_url(job.input) else job.part
    threads, worker = torch.get_num_threads(), Worker()
    torch.set_num_threads(seat.threads)
    try:
        with tempfile.TemporaryDirectory(prefix="scope-batch-") as folder:
            few = replace(job, output=f"{folder}/probe.mp4", options=options, part=part)
            told = [worker.render(few, lambda done, total: None) for _ in range(2)]
    finally:
        torch.set_num_threads(threads)
    return [Sample(one["frames"], one["seconds"], one["loading"]) for one in told]
