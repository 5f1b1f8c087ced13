"""An engine inside this process, in threads: for tests and `--inline`."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING

import numpy as np

from scope.engine import commands, events, link
from scope.engine.calls import CallBoard
from scope.engine.front import Front
from scope.engine.ring import Fill, Slot, Stamp

if TYPE_CHECKING:
    from scope.core.pipelines.registry import Registry


class Latest:
    """The newest picture of one tap, numbered on from `after`."""

    def __init__(self, after: int = 0) -> None:
        self.capacity = 2**62
        self._after = after
        self._slot: Slot | None = None

    @property
    def last_number(self) -> int:
        """See `screen.Surface`."""
        return self._slot.number if self._slot else self._after

    def write(self, width: int, height: int, stamp: Stamp, fill: Fill) -> None:
        """See `screen.Surface`."""
        pixels = np.empty((height, width, 3), np.uint8)
        fill(pixels)
        self._slot = Slot(pixels, stamp.number, stamp.captured_ns, stamp.pipeline_us)

    def newest(self, after: int) -> Slot | None:
        """The picture, if its number is above `after`."""
        slot = self._slot
        return slot if slot and slot.number > after else None


class InlineEngine(Front):
    """See `link.Engine`. `registry`: the pipelines there are; without it those of every installed plugin."""

    def __init__(self, options: link.Options | None = None, registry: "Registry | None" = None) -> None:
        super().__init__(options)
        self._registry = registry
        self._surfaces: dict[str, Latest] = {}
        self._thread: threading.Thread | None = None
        self._fed: Slot | None = None
        self._feeding = 0
        self._again = threading.Event()

    def start(self, setup: commands.Setup) -> None:
        """See `link.Engine.start`."""
        self._setup = setup
        self._thread = threading.Thread(target=self._run, name="scope:engine:inline", daemon=True)
        self._thread.start()

    def watch(self, taps: Mapping[str, float]) -> None:
        """See `link.Engine.watch`."""
        self._taps = dict(taps)
        self._surfaces = {tap: self._surfaces.get(tap) or Latest() for tap in {*self._surfaces, *taps}}
        self._outbox.put(commands.Watch(self._taps))

    def put_frame(self, pixels: np.ndarray, captured_ns: int) -> None:
        """See `link.Engine.put_frame`."""
        self._feeding += 1
        self._fed = Slot(pixels.copy(), self._feeding, captured_ns, 0)
        self._outbox.put(commands.Fed())

    def frame(self, tap: str = link.OUT, after: int = 0, timeout: float = 0.0) -> link.Picture | None:
        """See `link.Engine.frame`."""
        deadline = time.monotonic() + timeout
        with self._wrote:
            while (slot := self._newest(tap, after)) is None:
                left = deadline - time.monotonic()
                if left <= 0 or not self._wrote.wait(left):
                    return None
        return link.Picture(*slot)

    def restart(self) -> None:
        """See `link.Engine.restart`; the pipelines are constructed anew."""
        self._again.set()
        self._outbox.put(commands.Stop())

    def renew(self) -> Future[events.Hello]:
        """See `link.Engine.renew`; a process cannot change its plugins while it runs."""
        future: Future[events.Hello] = Future()
        future.set_exception(link.EngineError("an engine inside the server's process cannot load other plugins"))
        return future

    def stop(self, timeout: float = 5.0) -> None:
        """See `link.Engine.stop`."""
        if self._thread is None:
            return
        self._again.clear()
        self._outbox.put(commands.Stop())
        self._thread.join(timeout)
        self._thread = None
        self._outbox.end()
        self.hear(events.Stopped())

    def _newest(self, tap: str, after: int) -> Slot | None:
        surface = self._surfaces.get(tap)
        return surface.newest(after) if surface else None

    def _run(self) -> None:
        self._serve()
        while self._again.is_set():
            self._again.clear()
            self._serve()

    def _serve(self) -> None:
        from scope.core.pipelines.registry import Registry
        from scope.engine.hello import hello, load_all
        from scope.engine.worker import Worker

        registry, active, reports, problems = self._registry, None, [], []
        if registry is None:
            registry = Registry()
            active, reports, problems = load_all(registry, safe=self.options.safe)
        worker = Worker(registry, self.options, self.hear, CallBoard())
        self.hear(hello(registry, reports, problems))
        # What an engine before this one has shown is not shown as this one's.
        self._surfaces = {tap: Latest(surface.last_number) for tap, surface in self._surfaces.items()}
        worker.connect(self._surfaces)
        for command in self.greeting():
            worker.handle(command)
        while not isinstance(command := self._outbox.take(), commands.Stop | None):
            if isinstance(command, commands.Fed):
                if self._fed is not None:
                    worker.feed(self._fed)
            else:
                if isinstance(command, commands.Watch):
                    worker.connect(self._surfaces)
                worker.handle(command)
        worker.stop()
        del active  # the generation was in use until here
