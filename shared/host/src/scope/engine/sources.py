"""Where a live show's input comes from: a clip, a file, a drawing, or what a client sends."""

import json
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from fractions import Fraction
from typing import Any, Protocol

import torch

from scope.control.bands import Track
from scope.engine.held_sound import Block
from scope.engine.ring import Slot
from scope.engine.sound_out import SoundOut
from scope.media.errors import MediaError
from scope.media.sample import sample_clip
from scope.media.sound import DEFAULT_RATE, mono_blocks
from scope.media.sound_reader import SoundReader
from scope.media.source import Shown, Source, again_and_again
from scope.media.sources import open_source
from scope.runtime.frames import Frame, Stamp

# Kinds whose pictures come through `Engine.put_frame`: from a client, or a stream that the server reads.
FED_KINDS = frozenset({"camera", "screen", "stream", "webrtc"})

# A client's picture that has not come for so long is missed.
MISSED_SECONDS = 3.0

# A source that is so late does not catch up: it goes on from where it is.
LATE_SECONDS = 0.25
PAUSE_SECONDS = 0.02

# Pictures come so late as the median over so many of them says.
LATENESSES = 25

# A picture that stays longer is heard no longer.
MOST_SOUND = 10.0

SoundsLike = Callable[["SourceThread", Track], None]
Feed = Callable[[Frame], None]
Complain = Callable[[str], None]


class Shower(Protocol):
    """Where pictures go. `running`: whether any are wanted. `sounds`: whether pipelines make the sound."""

    @property
    def running(self) -> bool: ...

    @property
    def sounds(self) -> bool: ...

    def feed(self, frame: Frame) -> None:
        """A picture."""


class SourceThread(threading.Thread):
    """Feeds a show with the pictures of a source, each at its time, again and again, while the show runs.

    The sound that lies between two pictures belongs to the first of them. `sounds_like` is told the bands of its sound,
    `ended` that a film which does not loop is over.
    """

    def __init__(
        self,
        spec: Mapping[str, Any],
        show: Shower,
        sound: SoundOut,
        sounds_like: SoundsLike,
        complain: Complain,
        ended: Callable[["SourceThread"], None],
    ) -> None:
        super().__init__(name=f"scope:source:{spec['kind']}", daemon=True)
        self.key = source_key(spec)
        self._spec, self._show, self._sound, self._complain = dict(spec), show, sound, complain
        self._sounds_like, self._tell_end = sounds_like, ended
        self._track: Track | None = None
        self._ended = threading.Event()
        self._late: deque[float] = deque(maxlen=LATENESSES)
        self.fed = 0
        self.film_began: float | None = None

    def end(self) -> None:
        """Stop; `join` waits for the picture that is being decoded."""
        self._ended.set()

    def run(self) -> None:
        """The thread: play the source until it ends or is ended."""
        try:
            with ExitStack() as open_files:
                source = open_files.enter_context(opened(self._spec))
                reader = open_files.enter_context(SoundReader(source.sound)) if source.sound else None
                if source.sound:
                    self._track = Track(mono_blocks(source.sound), DEFAULT_RATE)
                    self._sounds_like(self, self._track)
                self._play(source, reader)
        except (MediaError, ValueError, OSError) as error:
            self._complain(f"the source {name_of(self._spec)} stopped: {error}")

    def _play(self, source: Source, reader: SoundReader | None) -> None:
        start, before, fed = time.monotonic(), None, 0.0
        for shown in again_and_again(source, loop=self._spec.get("loop", True)):
            if reader is not None and before is not None:
                self._play_sound(reader, before, shown.time, start, fed)
            start = self._wait(start, shown.time)
            if self._ended.is_set():
                return
            before, fed = shown, self._feed(shown, start)
        self._tell_end(self)

    def _feed(self, shown: Shown, start: float) -> float:
        """Show a picture; the moment of its capture."""
        if self._track is not None:
            # Read here, as the film goes on, so that no call of a pipeline waits for it.
            self._track.read_to(shown.film)
        now = time.monotonic()
        self.fed += 1
        self.film_began = now - shown.film
        self._late.append(now - start - shown.time)
        self._show.feed(frame_of(shown.pixels, now, self.fed, shown.film))
        return now

    def _play_sound(self, reader: SoundReader, shown: Shown, until: float, start: float, captured: float) -> None:
        """What is heard from this picture until the next."""
        if self._show.sounds or not self._sound.on:
            return
        samples = reader.between(shown.time - shown.turn, min(until - shown.turn, shown.time - shown.turn + MOST_SOUND))
        self._sound.from_source(Block(samples, captured, start + shown.time + statistics.median(self._late)))

    def _wait(self, start: float, due: float) -> float:
        """Wait until a picture is due; the start, moved by the time that the show stood still or the source was late."""
        while not self._ended.is_set() and not self._show.running:
            self._ended.wait(PAUSE_SECONDS)
            start = time.monotonic() - due
        left = start + due - time.monotonic()
        if left < -LATE_SECONDS:
            return start - left
        self._ended.wait(max(0.0, left))
        return start


class FedSource:
    """Pictures that a client sends, as they come. `found` is called when they come again after they were missed."""

    film_began = None

    def __init__(self, spec: Mapping[str, Any], feed: Feed, found: Callable[[], None]) -> None:
        self.key, self.fed = source_key(spec), 0
        self._kind, self._feed, self._found = spec["kind"], feed, found
        self._last = time.monotonic()
        self._missed = False

    def put(self, slot: Slot) -> None:
        """A picture from the client."""
        self._last = time.monotonic()
        if self._missed:
            self._missed = False
            self._found()
        self.fed += 1
        self._feed(frame_of(torch.from_numpy(slot.pixels), slot.captured_ns / 1e9, slot.number))

    def missing(self) -> str | None:
        """Said once when no picture has come for a while."""
        if self._missed or time.monotonic() - self._last < MISSED_SECONDS:
            return None
        self._missed = True
        return f"no picture from the {self._kind} for {MISSED_SECONDS:g} seconds; the last one stays"

    def start(self) -> None:
        """Nothing to do: the link brings the pictures."""

    def end(self) -> None:
        """Nothing to do."""

    def join(self, timeout: float | None = None) -> None:
        """Nothing to wait for."""


def source_key(spec: Mapping[str, Any]) -> str:
    """Two documents with the same key mean the same source, which then plays on."""
    return json.dumps(dict(spec), sort_keys=True, default=repr)


def name_of(spec: Mapping[str, Any]) -> str:
    """A source in words."""
    return str(spec.get("path") or spec["kind"])


def opened(spec: Mapping[str, Any]) -> Source:
    """The source of a kind that the engine reads itself.

    Raises:
        MediaError: nothing to read there.
        ValueError: an unknown kind.
    """
    places = {"sample": str(sample_clip()), "pattern": "testpattern", "file": spec.get("path") or ""}
    place = places.get(spec["kind"])
    if not place:
        raise ValueError(f"expected a source of kind {', '.join(places)}, with a path for a file, got {dict(spec)}")
    size = (spec["width"], spec["height"]) if spec.get("width") and spec.get("height") else None
    rate = Fraction(spec["fps"]).limit_denominator(1001) if spec.get("fps") else None
    return open_source(place, size=size, rate=rate)


def frame_of(pixels: torch.Tensor, captured: float, number: int, film: float | None = None) -> Frame:
    """Pixels uint8 (H, W, 3) as a frame."""
    return Frame(pixels.unsqueeze(0), Stamp(captured, number, captured, film))
