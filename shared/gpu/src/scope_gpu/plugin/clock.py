"""Time as a pipeline meets it: given by the host offline, the wall clock live."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FRAME_INTERVAL = 1.0 / 30.0
"""Frames of one call have one time; they are taken to follow each other at this distance in seconds."""


@dataclass(frozen=True)
class Moment:
    """When a call happens in the film since the last reset.

    `seconds`: time of the first frame. `index`: how many frames were made before it.
    """

    seconds: float
    index: int

    def after(self, frames: int) -> "Moment":
        """The moment of a later frame of the same call."""
        return Moment(self.seconds + frames * FRAME_INTERVAL, self.index + frames)


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
