"""What Ctrl-C does: one line and exit code 130, whatever the program is in the middle of."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

INTERRUPTED = 128 + signal.SIGINT

# People press twice; the second one must not cut short what removes the partial file.
PATIENCE_SECONDS = 2.0


def say_interrupted() -> None:
    """The one line."""
    print("interrupted", file=sys.stderr, flush=True)


@contextmanager
def leaves_at_once() -> Generator[None]:
    """While nothing can be left behind, as in imports: Ctrl-C ends the process on the spot.

    An exception would not do: what is imported may swallow it, wrap it or print it.
    """

    def leave(_number: int, _frame: FrameType | None) -> None:
        say_interrupted()
        os._exit(INTERRUPTED)

    with _handled_by(leave):
        yield


@contextmanager
def cleans_up() -> Generator[None]:
    """Ctrl-C raises KeyboardInterrupt, so that what was begun is undone; a second one right after it is passed over."""
    last = -PATIENCE_SECONDS

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal last
        before, last = last, time.monotonic()
        if last - before > PATIENCE_SECONDS:
            raise KeyboardInterrupt

    with _handled_by(interrupt):
        yield


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], Any]) -> Generator[None]:
    # Only the main thread may set handlers, and only it is interrupted.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
