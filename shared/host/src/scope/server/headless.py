"""A session that nobody views: it keeps the show awake for scripts that fetch single pictures."""

import time
from collections.abc import Mapping
from typing import Protocol

from scope.engine.link import OUT, Engine, Picture
from scope.server.watch import Watch

# The id of its session.
HEADLESS = "headless"
# The frames a second that are copied for a script, which asks for one at a time.
_FPS = 30.0


class Session(Protocol):
    """Someone for whom the show plays. `elapsed`: seconds since the start; `frames`: pictures that were made for it."""

    @property
    def elapsed(self) -> float: ...

    @property
    def frames(self) -> int: ...


class Headless:
    """At most one; `start` again begins anew. Used on the event loop only, but for `picture`.

    `sinks`: where pictures are to be had, by the id of a sink in the client's graph: a tap of the engine.
    """

    def __init__(self, engine: Engine, watch: Watch) -> None:
        self._engine = engine
        self._watch = watch
        self._began: float | None = None
        self._first = self._newest = 0
        self._seen: dict[str, int] = {}
        self.sinks: Mapping[str, str] = {}

    @property
    def running(self) -> bool:
        return self._began is not None

    @property
    def elapsed(self) -> float:
        """Seconds since the start, 0 without one."""
        return 0.0 if self._began is None else time.monotonic() - self._began

    @property
    def frames(self) -> int:
        """Pictures that the show has made since the start."""
        newest = self._engine.frame(OUT, 0, 0.0)
        self._newest = newest.number if newest else self._newest  # none is there while a new engine starts
        return self._newest - self._first

    def start(self, sinks: Mapping[str, str]) -> None:
        self.stop()
        newest = self._engine.frame(OUT, 0, 0.0)
        self._began, self._seen, self.sinks = time.monotonic(), {}, sinks
        self._first = self._newest = newest.number if newest else 0
        for tap in {OUT, *sinks.values()}:
            self._watch.claim((self, tap), tap, _FPS)

    def stop(self) -> None:
        self._began = None
        for tap in {OUT, *self.sinks.values()}:
            self._watch.release((self, tap))

    def picture(self, tap: str, timeout: float) -> Picture | None:
        """A picture that was not fetched before, else the last one. Blocks up to `timeout` seconds."""
        picture = self._engine.frame(tap, self._seen.get(tap, 0), timeout) or self._engine.frame(tap, 0, 0.0)
        if picture is not None:
            self._seen[tap] = picture.number
        return picture
