"""`scope bench batch`: what a job costs beside its frames, and how frames a second grow with the workers.

scope bench batch --json batch.json
scope bench batch --jobs 8 --frames 25 --workers 1 2
scope bench batch --ray --json batch.json

From the last of these it says, on paper, what many nodes would take.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

from scope.batch.crew import Began, Crew, Ended, Event, LocalCrew, Seat
from scope.batch.plan import Job, Options, Variation, jobs_of
from scope.batch.run import run as run_batch
from scope.batch.scaling import Costs
from scope.batch.setup import film_of, graph_of
from scope.core.pipelines.registry import Registry
from scope.core.plugins.manager import load_plugins
from scope.media import open_sink, open_source
from scope.runtime.pool import Pool

SIZE = (640, 360)
DRIVER_JOBS = 500
PAPER_FILMS, PAPER_FRAMES = 10_000, 250


@dataclass(frozen=True)
class Measured:
    """`speed`: frames a second of all `workers` from the first job's beginning to the last one's end. `start`: seconds
    until then, for the workers' imports. `overhead`: seconds of a job in which no frame of it was rendered.
    """

    who: str
    workers: int
    films: int
    frames: int
    speed: float
    start: float
    overhead: float

    def costs(self, driver: float) -> Costs:
        """What a film and a frame cost one worker, beside `driver` seconds of the driver for a film."""
        working = self.workers * self.frames / self.speed - self.films * self.overhead
        return Costs(self.start, self.overhead, working / self.frames, driver)


def run(argv: Sequence[str]) -> int:
    """Measure, print a line each, and write all of it as JSON where asked."""
    asked = options().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="scope-bench-") as folder:
        driver = _driver(Path(folder))
        found = list(_measured(asked, Path(folder)))
    cores = os.cpu_count()
    print(f"driver: {driver * 1000:.1f} ms a film")
    for one in found:
        print(
            f"{one.who}: {one.speed:.1f} frames/s, {one.overhead * 1000:.0f} ms beside the frames of each film, "
            f"start {one.start:.1f} s"
        )
    print(f"{asked.jobs} clips of {asked.frames} frames, {SIZE[0]}x{SIZE[1]}, {asked.pipeline}; {cores} cores")
    paper = _on_paper(found[-1], driver, asked.nodes)
    print(
        f"on paper, from {found[-1].who}: {asked.nodes} nodes of one worker each render {PAPER_FILMS} films of "
        f"{PAPER_FRAMES} frames in {paper['minutes']:.1f} minutes, one node alone in {paper['minutes_alone'] / 60:.1f} hours; "
        f"one driver keeps {paper['most_workers']} workers busy"
    )
    if asked.json is not None:
        machine = {"machine": platform.machine(), "cores": cores, "load": os.getloadavg()[0], "driver": driver}
        figures = {"measured": [asdict(one) for one in found], "on_paper": paper}
        asked.json.write_text(json.dumps({**machine, **figures}, indent=2))
    return 0


def _on_paper(one: Measured, driver: float, nodes: int) -> dict[str, float]:
    """What a large batch would take on so many nodes of one worker each."""
    costs = one.costs(driver)
    minutes = {
        name: costs.seconds(PAPER_FILMS, PAPER_FRAMES, workers) / 60
        for name, workers in (("minutes", nodes), ("minutes_alone", 1))
    }
    return {"nodes": nodes, "most_workers": costs.most_workers(PAPER_FRAMES), **asdict(costs), **minutes}


def options() -> argparse.ArgumentParser:
    """The words of the command line."""
    parser = argparse.ArgumentParser(prog="scope bench batch", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pipeline", default="fx", help="what the clips go through")
    parser.add_argument("--jobs", type=int, default=12)
    parser.add_argument("--frames", type=int, default=50, help="of each clip")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument(
        "--ray", nargs="?", const="", metavar="ADDRESS", help="also on a Ray cluster, or of this machine"
    )
    parser.add_argument("--nodes", type=int, default=100, help="of one worker each, whose time is reckoned on paper")
    parser.add_argument("--json", type=Path, help="where to write everything")
    return parser


def _measured(asked: argparse.Namespace, folder: Path) -> Iterator[Measured]:
    registry = Registry()
    load_plugins(registry)
    setup = {"scope": 1, "source": {"kind": "none"}, "stages": [{"id": "main", "pipeline": asked.pipeline}]}
    clips = [str(_clip(folder / f"clip-{i}.mp4", asked.frames)) for i in range(asked.jobs)]
    jobs = jobs_of(clips, [Variation(setup)], str(folder / "out"), Options())
    yield _plain(registry, jobs)
    cores = os.cpu_count() or 1
    for count in asked.workers:
        crew = LocalCrew([Seat(None, max(1, cores // count))] * count, folder)
        yield _timed(f"{count} worker{'s' if count > 1 else ''}", count, crew, jobs)
    for count in asked.workers if asked.ray is not None else ():
        from scope.batch.on_ray import RayCrew, Share

        share = Share(max(1.0, cores // count), 0.0)
        crew = RayCrew(asked.ray or None, graph_of(registry, setup, clips[0]), share, count)
        yield _timed(f"Ray, {count} worker{'s' if count > 1 else ''}", count, crew, jobs)


class _Absent:
    """Workers that say at once that they are done."""

    def work(self, jobs: deque[Job]) -> Iterator[Event]:
        while jobs:
            job = jobs.popleft()
            yield Began("nobody", job)
            yield Ended("nobody", job, {"frames": 1})

    def close(self) -> None:
        """There is nobody to send away."""


def _driver(folder: Path) -> float:
    """Seconds that a film costs the driver, whoever renders it: handing it out, and a line in the manifest."""
    jobs = [Job(f"{number}.mp4", {}, str(folder / f"{number}.mp4")) for number in range(DRIVER_JOBS)]
    start = time.perf_counter()
    run_batch(jobs, _Absent(), folder, tries=1)
    return (time.perf_counter() - start) / DRIVER_JOBS


def _clip(path: Path, frames: int) -> Path:
    with (
        open_source("testpattern", size=SIZE, rate=Fraction(25), limit=frames) as source,
        open_sink(path, rate=Fraction(25)) as sink,
    ):
        for picture in source:
            sink.write(picture.pixels[None])
    return path


def _plain(registry: Registry, jobs: Sequence[Job]) -> Measured:
    """One process, one film after another, as `scope render` makes each."""
    pool, start, frames, working = Pool(), time.perf_counter(), 0, 0.0
    for job in jobs:
        Path(job.output).parent.mkdir(exist_ok=True)
        summary = film_of(registry, job.setup, job.output, job.input).render(pool)
        frames, working = frames + summary.frames, working + summary.seconds
    seconds = time.perf_counter() - start
    return Measured("plain", 1, len(jobs), frames, frames / seconds, 0.0, (seconds - working) / len(jobs))


def _timed(who: str, workers: int, crew: Crew, jobs: Sequence[Job]) -> Measured:
    start, first, last, frames, apart = time.perf_counter(), 0.0, 0.0, 0, 0.0
    began: dict[str, float] = {}
    try:
        for event in crew.work(deque(jobs)):
            last = time.perf_counter()
            if isinstance(event, Began):
                began[event.job.name] = last
            if isinstance(event, Ended) and event.result is not None:
                frames += event.result["frames"]
                work = event.result["seconds"]
                first = first or last - work
                apart += last - max(began[event.job.name], first) - (work - event.result["loading"])
    finally:
        crew.close()
    return Measured(who, workers, len(jobs), frames, frames / (last - first), first - start, apart / len(jobs))
