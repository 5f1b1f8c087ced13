"""The engine in a process of its own: commands over a pipe, pictures through shared memory."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future

import numpy as np

from scope.engine import commands, events, link
from scope.engine.calls import Call, Patience
from scope.engine.child import FEED
from scope.engine.front import Front
from scope.engine.ring import RingError, Stamp
from scope.engine.rings import RingSet
from scope.engine.setups import without
from scope.engine.supervisor import Supervisor


class EngineProcess(Front):
    """See `link.Engine`. An engine that dies or hangs is started again with the same set-up and the values it had."""

    def __init__(self, options: link.Options | None = None, patience: Patience | None = None) -> None:
        super().__init__(options)
        self._rings = RingSet()
        self._fed = 0
        self._supervisor = Supervisor(self, self.options, patience or Patience())
        self._sender = threading.Thread(target=self._send, name="scope:link:out", daemon=True)
        self._stopped = False

    def start(self, setup: commands.Setup) -> None:
        """See `link.Engine.start`."""
        self._setup = setup
        self._supervisor.start()
        self._sender.start()

    def watch(self, taps: Mapping[str, float]) -> None:
        """See `link.Engine.watch`."""
        self._taps = dict(taps)
        always = [tap for tap in (link.OUT, FEED) if self._rings.get(tap)]
        self._change_rings(lambda: self._rings.keep({*taps, *always}))
        self._outbox.put(commands.Watch(self._taps))

    def put_frame(self, pixels: np.ndarray, captured_ns: int) -> None:
        """See `link.Engine.put_frame`."""
        if self._stopped:
            return
        ring = self._rings.get(FEED)
        if ring is None or ring.capacity < pixels.nbytes:
            self._change_rings(lambda: self._rings.have(FEED, pixels.nbytes))
            ring = self._rings.get(FEED)
        if ring is None or ring.capacity < pixels.nbytes:
            return
        self._fed += 1
        height, width = pixels.shape[:2]
        ring.write(width, height, Stamp(self._fed, captured_ns), lambda array: np.copyto(array, pixels))
        self._outbox.put(commands.Fed())

    def frame(self, tap: str = link.OUT, after: int = 0, timeout: float = 0.0) -> link.Picture | None:
        """See `link.Engine.frame`."""
        with self._wrote:
            if not self._wrote.wait_for(lambda: self._rings.has_newer(tap, after), timeout):
                return None
        slot = self._rings.newest(tap, after)
        return link.Picture(*slot) if slot else None

    def restart(self) -> None:
        """See `link.Engine.restart`."""
        self._state = "starting"
        self._supervisor.again()

    def renew(self) -> Future[events.Hello]:
        """See `link.Engine.renew`."""
        return self._supervisor.renew()

    def stop(self, timeout: float = 5.0) -> None:
        """See `link.Engine.stop`."""
        if self._stopped:
            return
        self._stopped = True
        self._outbox.end()
        if self._supervisor.ident is not None:
            self._supervisor.end(timeout)
            self._sender.join(timeout)
        self._rings.free()
        self.hear(events.Stopped())

    def greeting(self) -> list[commands.Command]:
        """See `supervisor.Owner`; what an engine before it has shown is not shown as this one's."""
        self._change_rings(lambda: self._rings.empty({link.OUT, *self._taps}))
        return [commands.Rings(self._rings.names()), *super().greeting()]

    def hear(self, event: events.Event) -> None:
        """See `supervisor.Owner`."""
        if isinstance(event, events.Outgrown):
            self._change_rings(lambda: self._rings.have(event.tap, event.nbytes))
        else:
            super().hear(event)

    def give_up_on(self, call: Call) -> None:
        """See `supervisor.Owner`: the stage is switched off, and the rest of the show plays."""
        with self._known:
            self._setup = without(self._setup, call.node)

    def _change_rings(self, change: Callable[[], None]) -> None:
        try:
            change()
        except RingError as error:
            self.hear(events.Fault("", "engine", str(error)))
        self._outbox.put(commands.Rings(self._rings.names()))

    def _send(self) -> None:
        while (command := self._outbox.take()) is not None:
            self._supervisor.send(command)
