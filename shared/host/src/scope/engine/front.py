"""What every engine's front has in common: it tells listeners what it hears and keeps what a new engine must know."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from scope.engine import link
from scope.engine.outbox import Outbox
from scope.engine.setups import with_load, with_values

logger = logging.getLogger(__name__)

Listener = Callable[[link.Event], None]


class Front:
    """Half of `link.Engine`: commands into an outbox, events out to listeners. A subclass brings the engine."""

    def __init__(self, options: link.Options | None = None) -> None:
        self.options = options or link.Options()
        self.hello: link.Hello | None = None
        self._state: link.State = "starting"
        self._listeners: list[Listener] = []
        self._outbox = Outbox()
        self._known = threading.RLock()
        self._setup: link.Setup = {}
        self._paused = False
        self._tempo: link.Tempo | None = None
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

    def play(self, setup: link.Setup) -> None:
        """See `link.Engine.play`."""
        with self._known:
            self._setup = setup
            self._outbox.put(link.Play(setup))

    def post(self, stage: str, changes: Mapping[str, Any], n: int = 0, by: str = "") -> None:
        """See `link.Engine.post`."""
        self._outbox.put(link.Post(stage, dict(changes), n, by))

    def swap(self, stage: str, load: Mapping[str, Any]) -> None:
        """See `link.Engine.swap`."""
        with self._known:
            self._setup = with_load(self._setup, stage, load)
            self._outbox.put(link.Swap(stage, dict(load)))

    def pause(self, on: bool) -> None:
        """See `link.Engine.pause`."""
        self._paused = on
        self._outbox.put(link.Pause(on))

    def reset(self, stage: str | None = None) -> None:
        """See `link.Engine.reset`."""
        self._outbox.put(link.Reset(stage))

    def tempo(self, tempo: link.Tempo | None) -> None:
        """See `link.Engine.tempo`."""
        self._tempo = tempo
        self._outbox.put(link.SetTempo(tempo))

    def levels(self, bands: Mapping[str, float]) -> None:
        """See `link.Engine.levels`."""
        self._outbox.put(link.Levels(dict(bands)))

    def sound(self, on: bool) -> None:
        """See `link.Engine.sound`."""
        self._sound = on
        self._outbox.put(link.Listen(on))

    def greeting(self) -> list[link.Command]:
        """What an engine that has just come up has to know."""
        with self._known:
            first = [link.Pause(self._paused), link.SetTempo(self._tempo), link.Watch(dict(self._taps))]
            return [*first, link.Play(self._setup), link.Listen(self._sound)]

    def hear(self, event: link.Event) -> None:
        """Take note of an event and pass it on."""
        match event:
            case link.Wrote():
                with self._wrote:
                    self._wrote.notify_all()
                return
            case link.Hello():
                self.hello, self._state = event, "loading"
            case link.Loading():
                self._state = "loading"
            case link.Ready():
                self._state = "ready"
            case link.Died():
                self._state = "dead"
            case link.Stopped():
                self._state = "stopped"
            case link.Took(stage=stage, values=values):
                with self._known:
                    self._setup = with_values(self._setup, stage, values)
        self._tell(event)

    def _tell(self, event: link.Event) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # a listener's fault must not end the link
                logger.exception("a listener failed on %s", type(event).__name__)
