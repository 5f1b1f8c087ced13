"""Records what the show puts out and sounds like, in a thread of its own: newest first, so it never holds the show up."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from scope.engine.link import OUT, Engine
from scope.media.errors import MediaError
from scope.media.recording import Recording, make_seekable
from scope.server.watch import Ears, Watch, give

log = logging.getLogger(__name__)

FPS = 60.0


class RecorderError(Exception):
    """A recording cannot be started or stopped, in one sentence."""


@dataclass(frozen=True)
class Result:
    """A recording that ended. `problem`: why it ended by itself or is not as it should be."""

    name: str
    seconds: float
    frames: int
    dropped: int
    problem: str | None


class _Take:
    """One recording and its thread."""

    def __init__(self, path: Path, engine: Engine, ended: Callable[[], None]) -> None:
        self.recording = Recording(path)
        self.dropped = 0
        self.problem: str | None = None
        self.began = time.monotonic()
        self.seekable = True
        self._engine = engine
        self._ended = ended
        self._end = threading.Event()
        self._ears = Ears(engine)
        self.thread = threading.Thread(target=self._run, name="scope:recorder:out", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Ask the thread to finish the file."""
        self._end.set()

    def _run(self) -> None:
        try:
            self._record()
        except MediaError as error:
            self.problem = f"the recording ended: {error}"
        except Exception as error:
            log.exception("recording %s", self.recording.path)
            self.problem = f"the recording ended: {type(error).__name__}: {error}"
        finally:
            self._ears.close()
            self._finish()
            self._ended()

    def _record(self) -> None:
        for missed in give(self._engine, self._ears, self.recording, self._end):
            self.dropped += missed

    def _finish(self) -> None:
        self.recording.close()
        if not (self.recording.frames and self.seekable and self.problem is None):
            return
        try:
            make_seekable(self.recording.path)
        except MediaError as error:
            self.problem = str(error)


class Recorder:
    """At most one recording at a time, into `folder`. Used on the event loop only.

    `changed` is called when a recording begins or ends, with the result of one that ended by itself.
    """

    def __init__(self, folder: Path, engine: Engine, watch: Watch, changed: Callable[[Result | None], None]) -> None:
        self.folder = folder
        self._engine = engine
        self._watch = watch
        self._changed = changed
        self._take: _Take | None = None

    def start(self) -> str:
        """Begin; returns the name of the file.

        Raises:
            RecorderError: one is running, or the folder cannot be written.
        """
        if self._take is not None:
            raise RecorderError(f"{self._take.recording.path.name} is being recorded already")
        loop = asyncio.get_running_loop()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = _free_path(self.folder)
            self._take = take = _Take(path, self._engine, lambda: _on(loop, self._ended_by_itself))
        except OSError as error:
            raise RecorderError(f"cannot write to {self.folder}: {error.strerror or error}") from error
        except MediaError as error:
            raise RecorderError(str(error)) from error
        self._watch.claim(self, OUT, FPS)
        self._watch.hear(self)
        self._changed(None)
        return take.recording.path.name

    async def stop(self, *, seekable: bool = True) -> Result:
        """End and finish the file; with `seekable` its index is moved to the front, which copies the file.

        Raises:
            RecorderError: none is running.
        """
        take = self._take
        if take is None:
            raise RecorderError("nothing is being recorded")
        self._take = None
        take.seekable = seekable
        take.stop()
        await asyncio.to_thread(take.thread.join)
        self._let_go()
        self._changed(None)
        return _result(take)

    @property
    def state(self) -> dict[str, Any] | None:
        """The running recording, as clients are told of it."""
        if self._take is None:
            return None
        recording = self._take.recording
        size = recording.path.stat().st_size / 1e6 if recording.path.is_file() else 0.0
        return {
            "name": recording.path.name,
            "seconds": round(time.monotonic() - self._take.began, 1),
            "frames": recording.frames,
            "dropped": self._take.dropped,
            "megabytes": round(size, 1),
        }

    def _ended_by_itself(self) -> None:
        take = self._take
        if take is None or (take.thread.is_alive() and take.problem is None):
            return
        self._take = None
        self._let_go()
        self._changed(_result(take))

    def _let_go(self) -> None:
        """Take no more of the show, unless the next recording has begun meanwhile."""
        if self._take is None:
            self._watch.release(self)


def _result(take: _Take) -> Result:
    recording = take.recording
    problem = take.problem or (None if recording.frames else "no picture came, so there is no file")
    return Result(recording.path.name, round(recording.seconds, 3), recording.frames, take.dropped, problem)


def _on(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(call)


def _free_path(folder: Path) -> Path:
    stem = datetime.now().astimezone().strftime("scope %Y-%m-%d %H.%M.%S")
    names = [f"{stem}.mp4", *(f"{stem} {i}.mp4" for i in range(2, 100))]
    return next(folder / name for name in names if not (folder / name).exists())
