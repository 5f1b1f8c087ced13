"""Where a live show's input comes from: a clip, a file, a drawing, or what a client sends."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import torch

from scope.engine.ring import Slot
from scope.media.errors import MediaError
from scope.media.sample import sample_clip
from scope.media.source import Picture, Source
from scope.media.sources import open_source
from scope.runtime.frames import Frame, Stamp

# Kinds whose pictures come through `Engine.put_frame`: from a client, or a stream that the server reads.
FED_KINDS = frozenset({"camera", "screen", "stream", "webrtc"})

# A client's picture that has not come for so long is missed.
MISSED_SECONDS = 3.0

# A source that is so late does not catch up: it goes on from where it is.
LATE_SECONDS = 0.25
PAUSE_SECONDS = 0.02

Feed = Callable[[Frame], None]
Complain = Callable[[str], None]


class SourceThread(threading.Thread):
    """Feeds a show with the pictures of a source, each at its time, again and again, while the show runs."""

    def __init__(self, spec: Mapping[str, Any], feed: Feed, running: Callable[[], bool], complain: Complain) -> None:
        super().__init__(name=f"scope:source:{spec['kind']}", daemon=True)
        self.key = source_key(spec)
        self._spec, self._feed, self._running, self._complain = dict(spec), feed, running, complain
        self._ended = threading.Event()
        self.fed = 0

    def end(self) -> None:
        """Stop; `join` waits for the picture that is being decoded."""
        self._ended.set()

    def run(self) -> None:
        """The thread: play the source until it ends or is ended."""
        try:
            with opened(self._spec) as source:
                self._play(source)
        except (MediaError, ValueError, OSError) as error:
            self._complain(f"the source {name_of(self._spec)} stopped: {error}")

    def _play(self, source: Source) -> None:
        start = time.monotonic()
        for picture in _again_and_again(source, loop=self._spec.get("loop", True)):
            start = self._wait(start, picture.time)
            if self._ended.is_set():
                return
            self.fed += 1
            self._feed(frame_of(picture.pixels, time.monotonic(), self.fed))

    def _wait(self, start: float, due: float) -> float:
        """Wait until a picture is due; the start, moved by the time that the show stood still or the source was late."""
        while not self._ended.is_set() and not self._running():
            self._ended.wait(PAUSE_SECONDS)
            start = time.monotonic() - due
        left = start + due - time.monotonic()
        if left < -LATE_SECONDS:
            return start - left
        self._ended.wait(max(0.0, left))
        return start


class FedSource:
    """Pictures that a client sends, as they come."""

    def __init__(self, spec: Mapping[str, Any], feed: Feed) -> None:
        self.key, self.fed = source_key(spec), 0
        self._kind, self._feed = spec["kind"], feed
        self._last = time.monotonic()
        self._missed = False

    def put(self, slot: Slot) -> None:
        """A picture from the client."""
        self._last, self._missed = time.monotonic(), False
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


def frame_of(pixels: torch.Tensor, captured: float, number: int) -> Frame:
    """Pixels uint8 (H, W, 3) as a frame."""
    return Frame(pixels.unsqueeze(0), Stamp(captured, number, captured))


def _again_and_again(source: Source, *, loop: bool) -> Iterator[Picture]:
    """The pictures, with times that go on from one turn to the next. A still picture is decoded once and never ends."""
    still = [*source] if source.count == 1 else None
    offset, step = 0.0, float(1 / source.rate)
    while True:
        last = None
        for picture in still or source:
            last = offset + picture.time
            yield Picture(picture.pixels, last)
        if last is None or not (loop or still):
            return
        offset = last + step
