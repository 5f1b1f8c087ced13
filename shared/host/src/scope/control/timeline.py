"""What was moved during a performance, to be played again live or rendered offline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Two moves of one field within this time become one: nothing on a screen changes faster.
_STEP = 1.0 / 60.0
# A document is at most a megabyte; this many moves keep well below it.
MAX_EVENTS = 5_000


@dataclass(frozen=True)
class Event:
    """`set`: what one stage was given at `at` seconds after the recording began."""

    at: float
    stage: str
    set: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"at": round(self.at, 4), "stage": self.stage, "set": dict(self.set)}


@dataclass
class Recording:
    """A recording in progress; times are monotonic seconds. `full` when nothing more is taken."""

    began: float
    _events: list[Event] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self._events) >= MAX_EVENTS

    def note(self, time: float, stage: str, values: Mapping[str, Any]) -> None:
        """A stage was given values. Quick moves of the same fields replace each other."""
        at = time - self.began
        last = next((e for e in reversed(self._events) if e.stage == stage), None)
        # What stands at 0 is how everything was at the beginning.
        if last is not None and last.at > 0.0 and at - last.at < _STEP and last.set.keys() == values.keys():
            self._events[self._events.index(last)] = Event(last.at, stage, dict(values))
        elif not self.full:
            self._events.append(Event(at, stage, dict(values)))

    def events(self) -> list[dict[str, Any]]:
        """The timeline as it stands in a set-up document."""
        return [event.to_json() for event in self._events]


class Playback:
    """Gives out the events of a timeline as their time comes."""

    def __init__(self, timeline: Sequence[Mapping[str, Any]], began: float) -> None:
        self._events = sorted(timeline, key=lambda event: event["at"])
        self._began, self._next = began, 0

    @property
    def ended(self) -> bool:
        return self._next == len(self._events)

    def until(self) -> float | None:
        """When the next event is due, in monotonic seconds; None at the end."""
        return None if self.ended else self._began + self._events[self._next]["at"]

    def due(self, time: float) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Stage and values of each event whose time has come, in order."""
        while not self.ended and self._events[self._next]["at"] <= time - self._began + 1e-9:
            event = self._events[self._next]
            self._next += 1
            yield event["stage"], event["set"]
