"""The threads of a live chain."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Literal

import torch

from scope.runtime.step import Step

LaneRule = Literal["one", "each"]

# Nobody's rest is longer than a lane's sleep needs to be.
LONGEST_SLEEP = 60.0


class Lane(threading.Thread):
    """A thread that runs some consecutive steps of a chain for as long as they live; the last one goes first.

    A step keeps its thread, since what CUDA graphs capture belongs to the thread that captured it.
    """

    def __init__(self, name: str, running: Callable[[], bool]) -> None:
        super().__init__(name=f"scope:lane:{name}", daemon=True)
        self._running = running
        self._steps: tuple[Step, ...] = ()
        self._awake = threading.Event()
        self._ended = False

    def serve(self, steps: Sequence[Step]) -> None:
        """Run these steps from now on, in the order of the chain."""
        self._steps = tuple(steps)
        self.wake()

    def wake(self) -> None:
        """There may be something to do."""
        self._awake.set()

    def end(self) -> None:
        """Finish the call that runs and stop; `join` waits for it."""
        self._ended = True
        self.wake()

    def run(self) -> None:
        """The thread: one call after the other, deepest step first, so that frames leave before new ones enter."""
        while not self._ended:
            self._awake.clear()
            if not (self._running() and any(step.run() for step in reversed(self._steps))):
                self._awake.wait(self._patience())

    def _patience(self) -> float | None:
        """Seconds until a generator is due; None where only a wake-up brings something to do."""
        due = [due for step in self._steps if (due := step.due()) is not None] if self._running() else []
        return min(max(0.0, min(due) - time.monotonic()), LONGEST_SLEEP) if due else None


def lane_rule() -> LaneRule:
    """Lanes overlap Python and copies; on few cores without a GPU each hand-over only adds waiting."""
    return "each" if torch.cuda.is_available() or (os.cpu_count() or 1) >= 4 else "one"
