"""A session that nobody views: it keeps the show awake for scripts that fetch single pictures."""

import time

from scope.engine.link import OUT, Engine, Picture
from scope.server.watch import Watch

# The frames a second that are copied for a script, which asks for one at a time.
_FPS = 30.0


class Headless:
    """At most one; `start` again begins anew. Used on the event loop only, but for `picture`."""

    def __init__(self, engine: Engine, watch: Watch) -> None:
        self._engine = engine
        self._watch = watch
        self._began: float | None = None
        self._seen = 0

    @property
    def running(self) -> bool:
        return self._began is not None

    @property
    def elapsed(self) -> float:
        """Seconds since the start, 0 without one."""
        return 0.0 if self._began is None else time.monotonic() - self._began

    @property
    def seen(self) -> int:
        """The number of the last picture that was fetched."""
        return self._seen

    def start(self) -> None:
        self._began, self._seen = time.monotonic(), 0
        self._watch.claim(self, OUT, _FPS)

    def stop(self) -> None:
        self._began = None
        self._watch.release(self)

    def picture(self, timeout: float) -> Picture | None:
        """A picture that was not fetched before, else the last one. Blocks up to `timeout` seconds."""
        picture = self._engine.frame(OUT, self._seen, timeout) or self._engine.frame(OUT, 0, 0.0)
        if picture is not None:
            self._seen = picture.number
        return picture
