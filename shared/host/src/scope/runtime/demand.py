"""Whether anybody wants pictures, and how many."""

import time
from collections.abc import Mapping

from scope.runtime.outlet import IN
from scope.runtime.pace import DEFAULT_RATE

# So long nobody has to look before the show stops calling its pipelines.
IDLE_SECONDS = 10.0


class Demand:
    """Who looks at which tap, and whether somebody has said to wait."""

    def __init__(self) -> None:
        self.paused = False
        self._taps: Mapping[str, float] = {}
        self._unwatched_since = time.monotonic()

    @property
    def idle(self) -> bool:
        """True while nobody has looked for ten seconds."""
        return not self._taps and time.monotonic() - self._unwatched_since > IDLE_SECONDS

    @property
    def running(self) -> bool:
        """False while the show is paused or idle: no pipeline is called, and no source needs to read on."""
        return not self.paused and not self.idle

    @property
    def rate(self) -> float:
        """Frames a second that viewers take."""
        return max((rate for tap, rate in self._taps.items() if tap != IN), default=DEFAULT_RATE)

    def watch(self, taps: Mapping[str, float]) -> None:
        """These taps are looked at, with the frames a second that each takes."""
        if self._taps and not taps:
            self._unwatched_since = time.monotonic()
        self._taps = dict(taps)
