"""Writes what a session makes into a file: pictures, sound, or both."""

import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from scope.media import open_sink, open_sound_sink
from scope.media.sound import FileTrack, MadeTrack, Track
from scope.runtime.frames import Chunk
from scope.runtime.offline import playback_rate

DEFAULT_RATE = Fraction(30)

# Sees every chunk that was written, with the frames written so far and those there will be, if that is known.
Watch = Callable[[Chunk, int, int | None], None]


def unwatched(_chunk: Chunk, _done: int, _total: int | None) -> None:
    """Nobody looks."""


@dataclass(frozen=True)
class Summary:
    """What was written and how long it took.

    `size`, `rate`: width and height, and frames a second. `sound_seconds`: how long the sound is, where there are no
    pictures. `nan_frames`: how many frames held NaN, which is shown black. `notes`: what else is worth a sentence.
    """

    path: str
    seconds: float
    frames: int = 0
    size: tuple[int, int] = (0, 0)
    rate: Fraction = DEFAULT_RATE
    sound_seconds: float = 0.0
    nan_frames: int = 0
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.frames:
            return f"{self.path}: {self.sound_seconds:.2f} s of sound; rendered in {self.seconds:.1f} s"
        width, height = self.size
        film = f"{self.frames} frames, {width}x{height}, {float(self.rate):.5g} a second"
        speed = self.frames / max(self.seconds, 1e-9)
        nan = f"; {self.nan_frames} frames held NaN, shown as black" if self.nan_frames else ""
        return f"{self.path}: {film}; rendered in {self.seconds:.1f} s, {speed:.1f} frames a second{nan}"


@dataclass
class Writer:
    """Writes one film; after any exception nothing is left of it.

    `rate`: frames a second, unless the pipeline sets another with its first frames. `sound`: whether the film may have
    any. `total`: how many frames there will be, for `watch`.
    """

    path: str
    rate: Fraction
    sound: bool = True
    total: int | None = None
    watch: Watch = unwatched
    notes: list[str] = field(default_factory=list, init=False)
    _late: bool = field(default=False, init=False)

    def write(self, chunks: Iterable[Chunk], recorded: Track | None = None) -> Summary:
        """Write the chunks, with their own sound or else with what was `recorded` with the input.

        Raises:
            MediaError: the file cannot be written, or there was nothing to write.
        """
        start, running = time.perf_counter(), iter(chunks)
        first = next(running, None)
        rest = itertools.chain([] if first is None else [first], running)
        if first is not None and not first.stamps:
            seconds = self._write_sound(rest)
            return Summary(self.path, time.perf_counter() - start, sound_seconds=seconds, notes=tuple(self.notes))
        track = None if first is None or not self.sound else self._track(first, recorded)
        rate = self.rate if first is None else playback_rate(first, self.rate)
        with open_sink(self.path, rate=rate, track=track) as sink:
            for chunk in rest:
                self._feed(track, chunk)
                sink.write(chunk.video)
                self.watch(chunk, sink.frames, self.total)
        self.notes += track.notes if isinstance(track, FileTrack) else []
        seconds = time.perf_counter() - start
        return Summary(self.path, seconds, sink.frames, sink.size or (0, 0), rate, notes=tuple(self.notes))

    def _write_sound(self, chunks: Iterable[Chunk]) -> float:
        with open_sound_sink(self.path) as sink:
            for chunk in chunks:
                if chunk.sound is not None:
                    sink.write(chunk.sound.samples.numpy(), chunk.sound.rate)
                self.watch(chunk, 0, None)
        return sink.seconds

    def _track(self, first: Chunk, recorded: Track | None) -> Track | None:
        if first.sound is not None:
            return MadeTrack(first.sound.samples.shape[0], first.sound.rate)
        if recorded is not None and playback_rate(first, self.rate) != self.rate:
            self.notes.append(
                f"the input's sound was left out: the film plays at {first.frame_rate:g} instead of "
                f"{float(self.rate):g} frames a second"
            )
            return None
        return recorded

    def _feed(self, track: Track | None, chunk: Chunk) -> None:
        if chunk.sound is None or not self.sound:
            return
        if isinstance(track, MadeTrack):
            track.feed(chunk.sound.samples.numpy())
        elif not self._late:
            self._late = True
            self.notes.append("the pipeline's sound was left out: it began after the first frame")
