"""One film: from an input file through a graph of pipelines into an output file."""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from scope.media import Picture, Source, open_sink, open_source
from scope.media.sources import TEST_PATTERN_NAMES
from scope.runtime.faults import FaultLog
from scope.runtime.frames import Chunk, Frame, FrameDtype, Stamp
from scope.runtime.graph import Graph
from scope.runtime.offline import loaded, playback_rate, taken
from scope.runtime.pool import Pool
from scope.runtime.stage import Conditions

DEFAULT_SECONDS = 4.0
DEFAULT_RATE = Fraction(30)

# Sees every chunk that was written, with the frames written so far and those there will be, if that is known.
Watch = Callable[[Chunk, int, int | None], None]


def unwatched(_chunk: Chunk, _done: int, _total: int | None) -> None:
    """Nobody looks."""


@dataclass(frozen=True)
class Summary:
    """What was written and how long it took.

    `nan_frames`: how many frames held NaN, which is shown black. `notes`: what was wrong with the input but did not
    stop it.
    """

    path: str
    frames: int
    size: tuple[int, int]
    rate: Fraction
    seconds: float
    nan_frames: int = 0
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        width, height = self.size
        film = f"{self.frames} frames, {width}x{height}, {float(self.rate):.5g} a second"
        speed = self.frames / max(self.seconds, 1e-9)
        nan = f"; {self.nan_frames} frames held NaN, shown as black" if self.nan_frames else ""
        return f"{self.path}: {film}; rendered in {self.seconds:.1f} s, {speed:.1f} frames a second{nan}"


@dataclass(frozen=True)
class Film:
    """What to render: through which graph, from where, how much of it, and into which file.

    Without `frames` and `seconds` the whole input is rendered, or four seconds where there is no end. `strict`: NaN is
    an error.
    """

    graph: Graph
    output: str
    input: str | None = None
    size: tuple[int, int] | None = None
    rate: Fraction | None = None
    frames: int | None = None
    seconds: float | None = None
    frame_dtype: FrameDtype | None = None
    strict: bool = False

    def render(self, pool: Pool, watch: Watch = unwatched) -> Summary:
        """Load the graph and write the film.

        Raises:
            MediaError: the input cannot be read or the output not written; nothing is left of it then.
            PipelineError: a pipeline failed; likewise.
        """
        # A file that cannot be written is known before minutes of rendering.
        open_sink(self.output, rate=DEFAULT_RATE).abort()
        if self.input is None:
            return self._record(pool, self.rate or DEFAULT_RATE, None, watch)
        with open_source(self.input, size=self.size, rate=self.rate, limit=self._limit(self.input)) as source:
            return self._record(pool, source.rate, source, watch)

    def _record(self, pool: Pool, rate: Fraction, source: Source | None, watch: Watch) -> Summary:
        conditions = Conditions(float(rate), strict=self.strict, frame_dtype=self.frame_dtype)
        faults = FaultLog()
        with loaded(self.graph, conditions, pool, faults) as session:
            if source is None:
                chunks, total = taken(session.generate(), self._length, rate), self._length(rate)
            else:
                chunks, total = session.transform(input_frames(source)), source.count
            summary = write_film(chunks, self.output, rate, total=total, watch=watch)
        return replace(summary, nan_frames=faults.count("nan"), notes=() if source is None else tuple(source.notes))

    def _length(self, rate: Fraction) -> int:
        seconds = DEFAULT_SECONDS if self.seconds is None else self.seconds
        return self.frames or max(1, round(seconds * rate))

    def _limit(self, spec: str) -> int | None:
        if self.frames or (self.seconds is None and spec not in TEST_PATTERN_NAMES):
            return self.frames
        return self._length(self.rate or open_source(spec).rate)


def input_frames(pictures: Iterable[Picture]) -> Iterator[Frame]:
    """A source's pictures as they travel to pipelines, (1, H, W, 3) in [0, 255]."""
    for number, picture in enumerate(pictures):
        yield Frame(picture.pixels.unsqueeze(0), Stamp(picture.time, number))


def write_film(
    chunks: Iterable[Chunk], path: str, rate: Fraction, *, total: int | None = None, watch: Watch = unwatched
) -> Summary:
    """Write chunks to a file; after any exception nothing is left of it.

    `rate` is the playback rate unless the pipeline sets one with its first frames.

    Raises:
        MediaError: the file cannot be written, or there was not a single frame.
    """
    start = time.perf_counter()
    running = iter(chunks)
    first = next(running, None)
    rate = rate if first is None else playback_rate(first, rate)
    with open_sink(path, rate=rate) as sink:
        for chunk in itertools.chain([] if first is None else [first], running):
            sink.write(chunk.video)
            watch(chunk, sink.frames, total)
    return Summary(path, sink.frames, sink.size or (0, 0), rate, time.perf_counter() - start)
