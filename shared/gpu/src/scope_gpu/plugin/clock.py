"""Time as a pipeline meets it: given by the host offline, the wall clock live."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FRAME_INTERVAL = 1.0 / 30.0
"""Frames of one call have one time; they are taken to follow each other at this distance in seconds."""


@dataclass(frozen=True)
class Beat:
    """Where the music is. `position`: beats since the tempo started. `per_second`: beats a second. `bar_position`: beats
    since the bar began.
    """

    position: float
    per_second: float
    bar_position: float = 0.0

    def later(self, seconds: float) -> "Beat":
        beats = seconds * self.per_second
        return Beat(self.position + beats, self.per_second, self.bar_position + beats)

    def cycle(self, per_beat: float) -> float:
        """Place in [0, 1) in a cycle of which `per_beat` fit into a beat; one that is longer than a beat begins with the
        bar.
        """
        return (self.position if per_beat >= 1.0 else self.bar_position) * per_beat % 1.0


@dataclass(frozen=True)
class Moment:
    """When a call happens in the film since the last reset.

    `seconds`: time of the first frame. `index`: how many frames were made before it. `beat`: None without a tempo.
    """

    seconds: float
    index: int
    beat: Beat | None = None

    def after(self, frames: int) -> "Moment":
        """The moment of a later frame of the same call."""
        seconds = frames * FRAME_INTERVAL
        beat = self.beat and self.beat.later(seconds)
        return Moment(self.seconds + seconds, self.index + frames, beat)


def beat_of(call: Mapping[str, Any]) -> Beat | None:
    """The beat that a host sends while a tempo is running; None without one, or if it makes no sense."""
    bpm, count, phase, bar = (_number(call.get(n)) for n in ("bpm", "beat_count", "beat_phase", "bar_position"))
    if bpm is None or count is None or phase is None or bpm <= 0.0 or is_stopped(call):
        return None
    position = count + phase
    return Beat(position, bpm / 60.0, position % 4.0 if bar is None else bar)


def is_stopped(call: Mapping[str, Any]) -> bool:
    """Whether the host has a tempo that does not play."""
    return call.get("is_playing") is False


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


class Clock:
    """Seconds since the start of a film.

    A host that renders offline passes `frame_time`; live there is none, and motion follows the wall clock, however
    often the pipeline is called.
    """

    def __init__(self) -> None:
        self._start: float | None = None

    def restart(self) -> None:
        """Begin again at zero with the next reading."""
        self._start = None

    def seconds(self, call: Mapping[str, Any]) -> float:
        """The time of the frame that is about to be made, from the keywords of `__call__`."""
        frame_time = call.get("frame_time")
        if frame_time is not None:
            return float(frame_time)
        now = time.monotonic()
        if self._start is None:
            self._start = now
        return now - self._start
