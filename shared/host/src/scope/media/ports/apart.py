"""A stream that is sent by a process of its own.

FFmpeg connects for an output while PyAV holds the interpreter: a host that takes the call and says nothing would stop
every thread of the server, and so the whole show.
"""

import multiprocessing
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from scope.media.ports.port import OutPort, PortError

# Seconds until the process is there, on a machine that is busy, and until it has connected or sent a picture.
START_SECONDS = 60.0
ANSWER_SECONDS = 10.0


class Apart:
    """An `OutPort` that `opens` makes in another process, with the first picture. It ends with this one.

    `opens`: a class or function of a module, called with `address`. `shown`: the address as people may read it.
    """

    def __init__(self, opens: Callable[[str], OutPort], address: str, shown: str) -> None:
        self._opens, self._address, self._shown = opens, address, shown
        self._process: Any = None
        self._line: Connection | None = None

    def put(self, pixels: np.ndarray, seconds: float) -> None:
        """See OutPort."""
        if self._line is None:
            self._start()
        self._ask("put", pixels, seconds)

    def hear(self, samples: np.ndarray, seconds: float) -> None:
        """See OutPort; sound before the first picture is left out."""
        if self._line is not None:
            self._ask("hear", samples, seconds)

    def close(self) -> None:
        """See OutPort; a process that does not end by itself is ended."""
        if self._line is not None:
            with suppress(PortError):
                self._ask("close")
            self._end()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        arguments = (theirs, self._opens, self._address)
        self._process = context.Process(target=serve, args=arguments, name="scope:output", daemon=True)
        self._process.start()
        theirs.close()
        self._await_answer(START_SECONDS)

    def _ask(self, *message: Any) -> None:
        assert self._line is not None
        try:
            self._line.send(message)
        except OSError as error:
            raise self._lost() from error
        self._await_answer(ANSWER_SECONDS)

    def _await_answer(self, seconds: float) -> None:
        """Wait until what was asked for is done."""
        assert self._line is not None
        try:
            if not self._line.poll(seconds):
                self._end()
                raise PortError(f"{self._shown}: it did not answer for {seconds:g} seconds")
            problem = self._line.recv()
        except (EOFError, OSError) as error:
            raise self._lost() from error
        if problem is not None:
            raise PortError(problem)

    def _lost(self) -> PortError:
        self._end()
        return PortError(f"{self._shown}: the process that sends it has ended")

    def _end(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()
            self._process.kill()
            self._process.join()


def serve(line: Connection, opens: Callable[[str], OutPort], address: str) -> None:
    """The process: do what comes down the line, and answer None or what went wrong in a sentence."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the server, which ends this process
    port = opens(address)
    line.send(None)
    with suppress(EOFError, OSError):  # the server is gone
        while True:
            what, *arguments = line.recv()
            line.send(_problem(getattr(port, what), arguments))
            if what == "close":
                return


def _problem(call: Callable[..., None], arguments: list[Any]) -> str | None:
    try:
        call(*arguments)
    except PortError as error:
        return str(error)
    return None
