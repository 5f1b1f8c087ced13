"""A stream of another program as the source of the show: read in a thread, the newest picture wins, and tried again."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from scope.engine.link import Engine
from scope.media.ports import open_in
from scope.server.retry import keep_trying


class _Reader:
    """One address and the thread that reads it. `ended`: it is a film that does not loop, and is over."""

    def __init__(self, address: str, loop: bool, engine: Engine, changed: Callable[[], None]) -> None:
        self.address, self.loop = address, loop
        self.problem: str | None = None
        self.ended = False
        self._engine, self._changed = engine, changed
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scope:input:stream", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._end.set()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def _run(self) -> None:
        keep_trying(self._read, self._end, self._become, "input stream")

    def _read(self) -> None:
        kind, address = (
            ("ndi", self.address[len("ndi://") :]) if self.address.startswith("ndi://") else ("network", self.address)
        )
        port = open_in(kind, address)
        try:
            for pixels in port.pictures(self._hear, loop=self.loop):
                if self._end.is_set():
                    return
                self._engine.put_frame(pixels, time.monotonic_ns())
                if self.problem is not None:
                    self._become(None)
        finally:
            port.close()
        if port.is_film and not self.loop:
            self.ended = True
            self._changed()
            self._end.wait()

    def _hear(self, samples: np.ndarray, seconds: float) -> None:
        self._engine.put_sound(samples, round(seconds * 1e9))

    def _become(self, problem: str | None) -> None:
        if problem != self.problem and not self._end.is_set():
            self.problem = problem
            self._changed()


class StreamInput:
    """Follows the set-up: reads what a source of kind `stream` names. Used on the event loop only."""

    def __init__(self, engine: Engine, changed: Callable[[], None]) -> None:
        self._engine, self._changed = engine, changed
        self._reader: _Reader | None = None

    @property
    def problem(self) -> str | None:
        """Why no picture comes from the stream, in one sentence."""
        return self._reader.problem if self._reader else None

    @property
    def ended(self) -> bool:
        """Whether it is a film that does not loop, and is over; its last picture stays."""
        return self._reader is not None and self._reader.ended

    def follow(self, document: Mapping[str, Any]) -> None:
        """The set-up has changed."""
        source = document["source"]
        wanted = (source["path"], source["loop"]) if source["kind"] == "stream" else None
        if wanted == ((self._reader.address, self._reader.loop) if self._reader else None):
            return
        if self._reader is not None:
            self._reader.close()
        self._reader = _Reader(*wanted, self._engine, self._changed) if wanted else None

    def stop(self) -> None:
        """End the thread; blocks for a moment."""
        if self._reader is not None:
            self._reader.close()
            self._reader.join(1.0)
            self._reader = None
