"""What runs in the engine's own process. Importing this loads no torch: the function does, in the child."""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory

from scope.engine import commands, events, link
from scope.engine.calls import CallBoard
from scope.engine.ring import Ring, Slot

logger = logging.getLogger(__name__)

FEED = "feed"


def main(conn: Connection, board: str, options: link.Options) -> None:
    """Serve one link until it is told to stop or its other end is gone.

    Ends the process without waiting for threads: a plugin that hangs must not keep it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's business, which then closes the link
    emit = Emitter(conn)
    logging.getLogger().addHandler(emit)
    memory, code = SharedMemory(board), 0
    try:
        _serve(conn, emit, CallBoard(memory.buf), options)
    except BaseException:  # whatever it was, it must be read somewhere
        logger.exception("the engine failed")
        code = 1
    finally:
        logging.shutdown()
        os._exit(code)


def _serve(conn: Connection, emit: "Emitter", board: CallBoard, options: link.Options) -> None:
    from scope.core.pipelines.registry import Registry
    from scope.engine.hello import hello, load_all
    from scope.engine.worker import Worker

    registry = Registry()
    active, reports, problems = load_all(registry, safe=options.safe)
    worker = Worker(registry, options, emit, board)
    emit(hello(registry, reports, problems))
    rings = Rings()
    for command in _commands(conn):
        if isinstance(command, commands.Rings):
            worker.connect(rings.opened(command))
        elif isinstance(command, commands.Fed):
            if (slot := rings.fed()) is not None:
                worker.feed(slot)
        else:
            worker.handle(command)
    worker.stop(timeout=1.0)
    del active  # the generation was in use until here


def _commands(conn: Connection) -> Iterator[commands.Command]:
    """What the other end says, until it is gone."""
    with suppress(EOFError, OSError):
        while True:
            yield conn.recv()


class Rings:
    """The shared memory of every tap, opened by name, and that of the client's pictures."""

    def __init__(self) -> None:
        self._open: dict[str, Ring] = {}
        self._last = 0

    def opened(self, rings: commands.Rings) -> dict[str, Ring]:
        """The rings to write to; those no longer named are closed."""
        kept = {ring.name: ring for ring in self._open.values()}
        found = {tap: kept.pop(name, None) or _opened(name) for tap, name in rings.names.items()}
        self._open = {tap: ring for tap, ring in found.items() if ring is not None}
        for ring in kept.values():
            ring.close()
        return {tap: ring for tap, ring in self._open.items() if tap != FEED}

    def fed(self) -> Slot | None:
        """The client's newest picture, once."""
        ring = self._open.get(FEED)
        slot = ring.newest(self._last) if ring else None
        if slot is not None:
            self._last = slot.number
        return slot


def _opened(name: str) -> Ring | None:
    """The ring; None if the server has removed it already, which it says next."""
    try:
        return Ring.open(name)
    except FileNotFoundError:
        return None


class Emitter(logging.Handler):
    """Sends events, and what is logged as an event, from any thread; after the other end is gone it sends nothing."""

    def __init__(self, conn: Connection) -> None:
        super().__init__(logging.INFO)
        self._conn, self._sending = conn, threading.Lock()

    def __call__(self, event: events.Event) -> None:
        with self._sending, suppress(OSError):
            self._conn.send(event)

    def emit(self, record: logging.LogRecord) -> None:
        """A log record as an event."""
        self(events.Logged(record.name, record.levelno, self.format(record)))
