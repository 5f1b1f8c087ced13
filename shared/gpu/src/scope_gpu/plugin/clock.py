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
    """Where the music is. `position`: beats since the tempo started. `per_second`: beats a second."""

    position: float
    per_second: float

    def later(self, seconds: float) -> "Beat":
        return Beat(self.position + seconds * self.per_second, self.per_second)


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
    given = [call.get(name) for name in ("bpm", "beat_count", "beat_phase")]
    numbers = [float(v) for v in given if isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)]
    if len(numbers) < len(given) or numbers[0] <= 0.0 or call.get("is_playing") is False:
        return None
    bpm, count, phase = numbers
    return Beat(count + phase, bpm / 60.0)


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
