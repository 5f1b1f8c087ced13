"""One film: from an input file through a graph of pipelines into an output file."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

from scope.batch.record import DEFAULT_RATE, Summary, Watch, Writer, unwatched
from scope.media import MediaError, Picture, Sink, Source, open_sink, open_sound_sink, open_source
from scope.media.remote import Remote
from scope.media.round_track import RoundTrack
from scope.media.sound import FileTrack, Track
from scope.media.sound_sink import SoundSink
from scope.media.source import again_and_again
from scope.media.sources import TEST_PATTERN_NAMES
from scope.media.spans import WHOLE, Span
from scope.runtime.faults import FaultLog
from scope.runtime.frames import Frame, FrameDtype, Stamp
from scope.runtime.graph import Graph
from scope.runtime.offline import loaded, taken
from scope.runtime.pool import Pool
from scope.runtime.stage import Conditions, PerCall, nothing_more

DEFAULT_SECONDS = 4.0


@dataclass(frozen=True)
class Film:
    """What to render: through which graph, from where, how much of it, and into which file.

    Without `frames` and `seconds` the whole input is rendered, or four seconds where there is no end. `strict`: NaN is
    an error. `sound`: keep the input's sound, or what a pipeline makes instead. `per_call`: as in `Conditions`.
    `span`: a part of the input video, whose frames keep their times. `start`: seconds into the input at which the film
    begins. `loop`: where `frames` or `seconds` ask for more than the input has, it begins again, as live. `below`: what is
    shown while the generator of a graph that has no input is switched off, from `start` on, and heard all the time.
    """

    graph: Graph
    output: str
    input: str | Remote | None = None
    size: tuple[int, int] | None = None
    rate: Fraction | None = None
    frames: int | None = None
    seconds: float | None = None
    frame_dtype: FrameDtype | None = None
    strict: bool = False
    sound: bool = True
    per_call: PerCall = nothing_more
    span: Span = WHOLE
    start: float = 0.0
    loop: bool = False
    below: str | Remote | None = None

    def render(self, pool: Pool, watch: Watch = unwatched) -> Summary:
        """Load the graph and write the film.

        Raises:
            MediaError: the input cannot be read or the output not written; nothing is left of it then.
            PipelineError: a pipeline failed; likewise.
        """
        # A file that cannot be written is known before minutes of rendering.
        self._output().abort()
        if self.below is not None:
            with open_source(self.below, size=self.size) as source:
                return self._record(pool, self.rate or DEFAULT_RATE, source, watch)
        if self.input is None:
            return self._record(pool, self.rate or DEFAULT_RATE, None, watch)
        limit = None if self._turns else self._limit(self.input)
        with open_source(self.input, size=self.size, rate=self.rate, limit=limit, span=self.span) as source:
            return self._record(pool, source.rate, source, watch)

    def _output(self) -> Sink | SoundSink:
        main = self.graph.main
        silent = main is None or main.config.produces_video
        return open_sink(self.output, rate=DEFAULT_RATE) if silent else open_sound_sink(self.output)

    def _record(self, pool: Pool, rate: Fraction, source: Source | None, watch: Watch) -> Summary:
        conditions = Conditions(float(rate), strict=self.strict, frame_dtype=self.frame_dtype, per_call=self.per_call)
        faults = FaultLog()
        with loaded(self.graph, conditions, pool, faults) as session:
            if source is None or self.below is not None:
                below = None if source is None else Showing(source, self.start, loop=self.loop)
                chunks, total = taken(session.generate(below=below), self._length, rate), self._length(rate)
            else:
                total = self._length(rate) if self._turns and self._is_limited else source.count
                chunks = session.transform(self._frames(source, total))
            writer = Writer(self.output, rate, sound=self.sound, total=total, watch=watch)
            summary = writer.write(chunks, self._track(source))
        notes = (*(source.notes if source else ()), *summary.notes)
        return replace(summary, nan_frames=faults.count("nan"), notes=notes)

    @property
    def _is_limited(self) -> bool:
        return self.frames is not None or self.seconds is not None

    @property
    def _turns(self) -> bool:
        """Whether the input is played as live: from its middle, or again and again."""
        return self.start > 0.0 or (self.loop and self._is_limited) or self.below is not None

    def _frames(self, source: Source, total: int | None) -> Iterator[Frame]:
        if not self._turns:
            return input_frames(source)
        limit = total if self._is_limited else None
        return islice(turning_frames(source, self.start, loop=self.loop and self._is_limited), limit)

    def _track(self, source: Source | None) -> Track | None:
        if source is None or source.sound is None or not self.sound:
            return None
        if not self._turns:
            return FileTrack(source.sound)
        goes_round = self.loop and source.count is not None
        return RoundTrack(source.sound, self.start, float(source.count / source.rate) if goes_round else math.inf)

    def _length(self, rate: Fraction) -> int:
        seconds = DEFAULT_SECONDS if self.seconds is None else self.seconds
        return self.frames or max(1, round(seconds * rate))

    def _limit(self, spec: str | Remote) -> int | None:
        if self.frames or (self.seconds is None and spec not in TEST_PATTERN_NAMES):
            return self.frames
        return self._length(self.rate or open_source(spec).rate)


class Showing:
    """The picture that a source shows at each time of a film, in seconds that never go back; it begins at `start`."""

    def __init__(self, source: Source, start: float, *, loop: bool) -> None:
        self._coming = again_and_again(source, loop=loop)
        self._start, self._count = start, 0
        self._now = self._next = next(self._coming, None)

    def __call__(self, time: float) -> Frame:
        """The frame that is shown then; the last one after the end of a source that does not loop.

        Raises:
            MediaError: the source has no picture.
        """
        while self._next is not None and self._next.time <= self._start + time + 1e-6:
            self._now, self._next = self._next, next(self._coming, None)
        if self._now is None:
            raise MediaError("the source has no picture")
        self._count += 1
        return Frame(self._now.pixels.unsqueeze(0), Stamp(time, self._count - 1, None, self._now.film))


def turning_frames(source: Source, start: float, *, loop: bool) -> Iterator[Frame]:
    """As `input_frames`, from the picture that is shown at `start` on, with its time in the film: as a live show plays."""
    step, began = float(1 / source.rate), None
    shown = (one for one in again_and_again(source, loop=loop) if one.time + step > start + 1e-6)
    for number, one in enumerate(shown):
        began = one.time if began is None else began
        yield Frame(one.pixels.unsqueeze(0), Stamp(one.time - began, number, None, one.film))


def input_frames(pictures: Iterable[Picture]) -> Iterator[Frame]:
    """A source's pictures as they travel to pipelines, (1, H, W, 3) in [0, 255]."""
    for number, picture in enumerate(pictures):
        yield Frame(picture.pixels.unsqueeze(0), Stamp(picture.time, number))
