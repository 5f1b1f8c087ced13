"""Runs a chain of pipelines from a source into a file."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from rich.console import Console

from scope.cli.chain import Parameters, build_session
from scope.cli.record import Summary, Watch, playback_rate, record
from scope.core.pipelines.registry import Registry
from scope.media import Picture, Source, open_sink, open_source
from scope.media.sources import TEST_PATTERN_NAMES
from scope.runtime.frames import Chunk, Frame, FrameDtype, Stamp
from scope.runtime.offline import Session
from scope.runtime.stage import Conditions

DEFAULT_SECONDS = 4.0
DEFAULT_RATE = Fraction(30)


@dataclass(frozen=True)
class Film:
    """What to render: the chain with its parameters, from where, how much of it, and into which file.

    Without `frames` and `seconds` the whole input is rendered, or four seconds where there is no end.
    """

    parameters: Parameters
    output: str
    input: str | None = None
    size: tuple[int, int] | None = None
    rate: Fraction | None = None
    frames: int | None = None
    seconds: float | None = None
    frame_dtype: FrameDtype | None = None

    def render(self, registry: Registry, watch: Watch | None = None) -> Summary:
        """Construct the chain and write the film; `watch` sees every chunk that is written.

        Raises:
            MediaError: the input cannot be read or the output not written; nothing is left of it then.
            PipelineError: a pipeline failed; likewise.
        """
        # A file that cannot be written is known before minutes of rendering.
        open_sink(self.output, rate=DEFAULT_RATE).abort()
        if self.input is None:
            return self._generate(registry, self.rate or DEFAULT_RATE, watch)
        with open_source(self.input, size=self.size, rate=self.rate, limit=self._limit(self.input)) as source:
            return self._transform(registry, source, watch)

    def _generate(self, registry: Registry, rate: Fraction, watch: Watch | None) -> Summary:
        session = self._session(registry, rate)
        chunks = taken(session, self._length, rate)
        return record(chunks, self.output, rate, title=self._title, total=self._length(rate), watch=watch)

    def _transform(self, registry: Registry, source: Source, watch: Watch | None) -> Summary:
        session = self._session(registry, source.rate)
        chunks = session.transform(input_frames(source))
        summary = record(chunks, self.output, source.rate, title=self._title, total=source.count, watch=watch)
        for note in source.notes:
            Console(stderr=True).print(note, soft_wrap=True, highlight=False)
        return summary

    def _session(self, registry: Registry, rate: Fraction) -> Session:
        ids = self.parameters.chain.ids
        conditions = Conditions(float(rate), frame_dtype=self.frame_dtype, pipeline_ids=ids)
        return build_session(registry, self.parameters, conditions)

    @property
    def _title(self) -> str:
        return " > ".join(self.parameters.chain.ids)

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


def taken(session: Session, length: Callable[[Fraction], int], rate: Fraction) -> Iterator[Chunk]:
    """The first `length(rate)` frames of a chain that needs no input; a chunk that goes beyond is cut."""
    left = None
    for chunk in session.generate():
        left = length(playback_rate(chunk, rate)) if left is None else left
        yield replace(chunk, video=chunk.video[:left], stamps=chunk.stamps[:left])
        left -= len(chunk.stamps)
        if left <= 0:
            return
