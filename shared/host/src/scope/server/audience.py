"""Those who watch the show: what they are told of it, and the parts of the server that follow it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from scope.control.patch import Operation
from scope.control.setup import Setup
from scope.control.timeline import Change
from scope.engine.events import Event, Hello, Stats
from scope.server.clients import Client, Clients
from scope.server.document import SharedDocument
from scope.server.engine_setup import EngineSetup
from scope.server.status import Status, changes_state

Json = dict[str, Any]
Extra = Callable[[], Json]
OnMoves = Callable[[float, Sequence[Change]], None]


class Audience:
    """Tells clients and listeners what has changed. It owns the document, which announces itself here.

    `loaded`: with which load parameters the engine was told to play. `extra` and `figures` add to the state and to the
    statistics what other parts of the server know.
    """

    def __init__(self, setup: Setup, loaded: EngineSetup, extra: Extra, figures: Extra) -> None:
        self.clients = Clients()
        self.status = Status()
        self.document = SharedDocument(setup, self._announce)
        self._setup, self._extra, self._figures = loaded, extra, figures
        self._on_change: list[Callable[[Json], None]] = []
        self._on_moves: list[OnMoves] = []

    def on_change(self, listener: Callable[[Json], None]) -> None:
        """Have the document told whenever it has changed, at most sixty times a second, and when the engine is new."""
        self._on_change.append(listener)

    def on_moves(self, listener: OnMoves) -> None:
        """Have all told that somebody changes of stages and prompts, and when; one call for what changes at once."""
        self._on_moves.append(listener)

    def welcome(self, client: Client) -> None:
        """Tell a new client everything there is to know."""
        self.document.flush()
        faults = [asdict(fault) for fault in self.status.faults.values()]
        known = {"client": client.id, "state": self.state(), "faults": faults, "stats": self._stats()}
        self.clients.tell(client.id, {"welcome": known | self.summary()})

    def summary(self) -> Json:
        """The set-up, its revision and what undo and redo would do."""
        self.document.flush()
        return {"setup": self.document.now, "rev": self.document.rev} | self._labels()

    def state(self) -> Json:
        """Whether it plays, and with which load parameters."""
        status = self.status
        stages = {
            name: {"load": load, "playing": name in status.playing, "chosen": status.chosen.get(name, {})}
            for name, load in self._setup.loaded.items()
        }
        return {
            "engine": status.engine,
            "text": status.text,
            "again_in": status.again_in,
            "paused": status.paused,
            "loading": None if status.loading is None else asdict(status.loading),
            "stages": stages,
        } | self._extra()

    def tell_state(self) -> None:
        """Send the state to everyone."""
        self.clients.tell_all({"state": self.state()})

    def tell_moves(self, time: float, moves: Sequence[Change]) -> None:
        """Somebody changes stages or prompts."""
        for listener in self._on_moves if moves else ():
            listener(time, moves)

    def hear(self, event: Event) -> None:
        """Take in what the engine says, and pass it on."""
        for message in self.status.hear(event):
            self.clients.tell_all(message)
        if isinstance(event, Stats):
            self.clients.tell_all({"stats": self._stats()})
        if isinstance(event, Hello):
            self._tell_change()
        if changes_state(event):
            self.tell_state()

    def _labels(self) -> Json:
        history = self.document.history
        return {"undo": history.undo_label, "redo": history.redo_label}

    def _announce(self, operations: Sequence[Operation], rev: int, by: str) -> None:
        changed = [operation.model_dump(exclude_unset=True) for operation in operations]
        self.clients.tell_all({"changed": changed, "rev": rev, "by": by} | self._labels())
        self._tell_change()

    def _tell_change(self) -> None:
        for listener in self._on_change:
            listener(self.document.now)

    def _stats(self) -> Json | None:
        stats = self.status.stats
        return None if stats is None else asdict(stats) | self._figures()
