"""What the engine has said of itself: state, stages, faults, figures."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from scope.engine.events import Cleared, Died, Event, Fault, Hello, Loading, Ready, SourceEnded, Stats, Stopped
from scope.engine.link import State

Message = dict[str, Any]


@dataclass
class Status:
    """Follows the events of the engine. `hear` returns the messages that every client gets."""

    engine: State = "starting"
    text: str | None = None
    again_in: float | None = None
    paused: bool = False
    hello: Hello | None = None
    started_at: float = field(default_factory=time.time)
    loading: Loading | None = None
    playing: list[str] = field(default_factory=list)
    chosen: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    faults: dict[tuple[str, str], Fault] = field(default_factory=dict)
    stats: Stats | None = None
    source_ended: bool = False

    def hear(self, event: Event) -> list[Message]:
        """Take an event in; messages without "state", which the show adds where `changes_state` says so."""
        match event:
            case Hello():
                return self._hello(event)
            case Loading():
                self.engine, self.loading = "loading", event
                return self._cleared(Cleared(event.stage, "load"))
            case Ready():
                self.engine, self.loading, self.text = "ready", None, None
                self.playing, self.chosen = list(event.stages), event.chosen
            case Died():
                self._down("dead", event.text, event.again_in)
            case Stopped():
                self._down("stopped", None, None)
            case Fault():
                self.faults[event.stage, event.kind] = event
                return [{"fault": asdict(event)}]
            case Cleared():
                return self._cleared(event)
            case SourceEnded():
                self.source_ended = event.over
            case Stats():
                self.stats = event
        return []

    def loading_anew(self) -> list[Message]:
        """What could not be loaded is tried again: messages that its faults are over, until it fails again."""
        failed = [stage for stage, kind in self.faults if kind == "load"]
        return [message for stage in failed for message in self._cleared(Cleared(stage, "load"))]

    def restarting(self) -> None:
        """A person asked for a new engine."""
        self._down("starting", None, None)
        self.hello = None

    def keep(self, stages: set[str]) -> None:
        """Forget faults of stages that are gone."""
        self.faults = {key: fault for key, fault in self.faults.items() if key[0] in stages | {""}}

    @property
    def pipelines(self) -> Mapping[str, Mapping[str, Any]]:
        """The schemas of the engine's pipelines; empty until it has said hello."""
        return self.hello.pipelines if self.hello else {}

    def _hello(self, hello: Hello) -> list[Message]:
        self.hello, self.engine, self.text, self.again_in = hello, "loading", None, None
        self.started_at, self.source_ended = time.time(), False
        self.faults.clear()
        return [{"pipelines": True}]

    def _cleared(self, event: Cleared) -> list[Message]:
        over = [key for key in self.faults if key[0] == event.stage and event.kind in (None, key[1])]
        for key in over:
            del self.faults[key]
        return [{"cleared": event.stage, "kind": event.kind}] if over else []

    def _down(self, state: State, text: str | None, again_in: float | None) -> None:
        self.engine, self.text, self.again_in = state, text, again_in
        self.loading, self.stats, self.playing, self.chosen = None, None, [], {}
        self.source_ended = False


def changes_state(event: Event) -> bool:
    """True for events after which clients need the state anew."""
    return isinstance(event, Hello | Loading | Ready | Died | SourceEnded | Stopped)
