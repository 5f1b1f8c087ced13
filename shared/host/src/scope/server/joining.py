"""Waiting for threads that have been asked to end: together, not one after the other."""

import time
from collections.abc import Iterable
from typing import Protocol


class Joined(Protocol):
    """A thread, or what owns one."""

    def join(self, timeout: float, /) -> None:
        """Wait for it, so long at most."""
        ...


def join_all(ending: Iterable[Joined], seconds: float) -> None:
    """Wait until all have ended, but only so long in all; what hangs is left behind."""
    deadline = time.monotonic() + seconds
    for one in ending:
        one.join(max(0.0, deadline - time.monotonic()))
