"""One engine process as its parent sees it."""

import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from multiprocessing.connection import Pipe
from multiprocessing.shared_memory import SharedMemory

from scope.engine import commands, events, link
from scope.engine.calls import BOARD_SIZE, CallBoard, Patience, Watch
from scope.engine.child import main
from scope.engine.ring import segment_name

END_SECONDS = 2.0

# glibc gives every block above 128 KB back to the kernel and fetches it anew, page by page, for the next picture.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(2**28), "MALLOC_TRIM_THRESHOLD_": str(2**29)}


class Child:
    """An engine process with its end of the link and the board of its calls. Any thread may send, one receives."""

    def __init__(self, options: link.Options, patience: Patience) -> None:
        self._memory = SharedMemory(segment_name(), create=True, size=BOARD_SIZE)
        self.watch = Watch(CallBoard(self._memory.buf), patience)
        self.conn, far = Pipe()
        self._sending = threading.Lock()
        os.environ.update({**ALLOCATOR, **os.environ})
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(
            target=main, args=(far, self._memory.name, options), name="scope-engine", daemon=True
        )
        self.process.start()
        far.close()
        self.is_up = False

    def send(self, command: commands.Command) -> bool:
        """False if nobody listens any more."""
        try:
            with self._sending:
                self.conn.send(command)
        except OSError:
            return False
        return True

    def receive(self) -> events.Event | None:
        """What it says next; None once it has ended."""
        try:
            return self.conn.recv()
        except (EOFError, OSError):
            return None

    def called(self) -> str:
        """The stage whose call began last and has not returned; empty if none runs."""
        return next((call.node for call in self.watch.board.running()), "")

    def end(self, *, kill: bool = False) -> None:
        """End the process, by force if it is not up yet or does not obey in time, and give back what belongs to it."""
        if kill or not self.is_up:
            self.process.kill()
        # The engine ends when its link does. A `Stop` could not get through a pipe that a hanging engine let fill up.
        self.conn.close()
        self.process.join(END_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()
        del self.watch
        self._memory.close()
        with suppress(FileNotFoundError):
            self._memory.unlink()

    def epitaph(self) -> str:
        """How the process ended, in words."""
        self.process.join(END_SECONDS)
        code = self.process.exitcode
        if code is None:
            how = "closed its link"
        else:
            how = f"was killed by {_signal_name(-code)}" if code < 0 else f"ended with exit code {code}"
        when = f" while it called {self.called()!r}" if self.called() else "" if self.is_up else " before it was up"
        return f"the engine {how}{when}"


def _signal_name(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"
