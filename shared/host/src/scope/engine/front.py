"""What every engine's front has in common: it tells listeners what it hears and keeps what a new engine must know."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from scope.control.tempo import Tempo
from scope.engine import commands, events, link
from scope.engine.outbox import Outbox
from scope.engine.setups import with_load, with_values

logger = logging.getLogger(__name__)

Listener = Callable[[events.Event], None]


class Front:
    """Half of `link.Engine`: commands into an outbox, events out to listeners. A subclass brings the engine."""

    def __init__(self, options: link.Options | None = None) -> None:
        self.options = options or link.Options()
        self.hello: events.Hello | None = None
        self._state: link.State = "starting"
        self._listeners: list[Listener] = []
        self._outbox = Outbox()
        self._known = threading.RLock()
        self._setup: commands.Setup = {}
        self._paused = False
        self._tempo: Tempo | None = None
        self._taps: dict[str, float] = {}
        self._sound = False
        self._wrote = threading.Condition()

    @property
    def state(self) -> link.State:
        """See `link.Engine.state`."""
        return self._state

    def listen(self, listener: Listener) -> Callable[[], None]:
        """See `link.Engine.listen`."""
        self._listeners = [*self._listeners, listener]

        def deaf() -> None:
            self._listeners = [other for other in self._listeners if other is not listener]

        return deaf

    def play(self, setup: commands.Setup) -> None:
        """See `link.Engine.play`."""
        with self._known:
            self._setup = setup
            self._outbox.put(commands.Play(setup))

    def post(self, stage: str, changes: Mapping[str, Any], n: int = 0, by: str = "") -> None:
        """See `link.Engine.post`."""
        self._outbox.put(commands.Post(stage, dict(changes), n, by))

    def swap(self, stage: str, load: Mapping[str, Any]) -> None:
        """See `link.Engine.swap`."""
        with self._known:
            self._setup = with_load(self._setup, stage, load)
            self._outbox.put(commands.Swap(stage, dict(load)))

    def pause(self, on: bool) -> None:
        """See `link.Engine.pause`."""
        self._paused = on
        self._outbox.put(commands.Pause(on))

    def reset(self, stage: str | None = None) -> None:
        """See `link.Engine.reset`."""
        self._outbox.put(commands.Reset(stage))

    def tempo(self, tempo: Tempo | None) -> None:
        """See `link.Engine.tempo`."""
        self._tempo = tempo
        self._outbox.put(commands.SetTempo(tempo))

    def levels(self, bands: Mapping[str, float]) -> None:
        """See `link.Engine.levels`."""
        self._outbox.put(commands.Levels(dict(bands)))

    def sound(self, on: bool) -> None:
        """See `link.Engine.sound`."""
        self._sound = on
        self._outbox.put(commands.Listen(on))

    def put_sound(self, samples: np.ndarray, captured_ns: int) -> None:
        """See `link.Engine.put_sound`."""
        if self._sound:
            self._outbox.put(commands.FedSound(((samples, captured_ns),)))

    def greeting(self) -> list[commands.Command]:
        """What an engine that has just come up has to know."""
        with self._known:
            first = [commands.Pause(self._paused), commands.SetTempo(self._tempo), commands.Watch(dict(self._taps))]
            return [*first, commands.Play(self._setup), commands.Listen(self._sound)]

    def hear(self, event: events.Event) -> None:
        """Take note of an event and pass it on."""
        match event:
            case events.Wrote():
                with self._wrote:
                    self._wrote.notify_all()
                return
            case events.Hello():
                self.hello, self._state = event, "loading"
            case events.Loading():
                self._state = "loading"
            case events.Ready():
                self._state = "ready"
            case events.Died():
                self._state = "dead"
            case events.Stopped():
                self._state = "stopped"
            case events.Took(stage=stage, values=values):
                with self._known:
                    self._setup = with_values(self._setup, stage, values)
        self._tell(event)

    def _tell(self, event: events.Event) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # a listener's fault must not end the link
                logger.exception("a listener failed on %s", type(event).__name__)
