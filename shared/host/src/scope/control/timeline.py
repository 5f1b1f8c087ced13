"""What was moved during a performance, to be played again live or rendered offline."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from scope.control.fades import Fades
from scope.control.setup import Clock
from scope.control.tempo import Tempo

# Two moves of one field within this time become one: nothing on a screen changes faster.
_STEP = 1.0 / 60.0
# A document is at most a megabyte; this many moves keep well below it.
MAX_EVENTS = 5_000

Json = dict[str, Any]
Defaults = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True)
class Change:
    """What one stage was given: values, its numbers in `fade` seconds, and whether it was switched on or off.

    Without a stage, what the show was given; see `scope.control.setup.Move`.
    """

    stage: str | None
    set: Mapping[str, Any] = field(default_factory=dict)
    fade: float = 0.0
    on: bool | None = None
    prompts: Sequence[Mapping[str, Any]] | None = None
    transition: Mapping[str, Any] | None = None
    clock: Mapping[str, Any] | None = None
    film: float | None = None

    def at(self, seconds: float) -> Json:
        """As it stands in a set-up document, `seconds` after the recording began."""
        told = {"at": round(seconds, 6), "stage": self.stage, "set": dict(self.set)}
        rest = {name: getattr(self, name) for name in ("on", "prompts", "transition", "clock", "film")}
        rest["fade"] = self.fade or None
        return told | {name: value for name, value in rest.items() if value is not None}


def changes(old: Json, new: Json, defaults: Defaults, fade: float = 0.0) -> list[Change]:
    """What makes `new` of `old`, two set-up documents, as far as a timeline holds it: values, switches, prompts.

    `defaults`: pipeline → field → what a field without a value stands at.
    """
    before = {stage["id"]: stage for stage in old["stages"]}
    found = [
        _of_stage(before[stage["id"]], stage, defaults(stage["pipeline"]), fade)
        for stage in new["stages"]
        if before.get(stage["id"], {}).get("pipeline") == stage["pipeline"]
    ]
    prompts = [Change(None, prompts=new["prompts"])] if new["prompts"] != old["prompts"] else []
    return [change for change in found if change.set or change.on is not None] + prompts


def _of_stage(old: Json, new: Json, defaults: Mapping[str, Any], fade: float) -> Change:
    was, now = {**defaults, **old["values"]}, {**defaults, **new["values"]}
    moved = {name: value for name, value in now.items() if name not in was or was[name] != value}
    return Change(new["id"], moved, fade if moved else 0.0, new["on"] if new["on"] != old["on"] else None)


@dataclass
class Recording:
    """A recording in progress; times are monotonic seconds. `full` when nothing more is taken."""

    began: float
    _events: list[tuple[float, Change]] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self._events) >= MAX_EVENTS

    def note(self, time: float, change: Change) -> None:
        """A stage was given something. Quick moves of the same fields replace each other."""
        at = time - self.began
        last = next((i for i in reversed(range(len(self._events))) if self._events[i][1].stage == change.stage), None)
        if last is not None and _replaces(change, at, *self._events[last]):
            self._events[last] = self._events[last][0], change
        elif not self.full:
            self._events.append((at, change))

    def end(self, time: float) -> None:
        """The recording ends here, which is what it lasts to, also when nothing is moved any more."""
        self._events.append((time - self.began, Change(None)))

    def events(self) -> list[Json]:
        """The timeline as it stands in a set-up document."""
        return [change.at(at) for at, change in self._events]


def _replaces(change: Change, at: float, old_at: float, old: Change) -> bool:
    # What stands at 0 is how everything was at the beginning.
    is_quick = old_at > 0.0 and at - old_at < _STEP
    are_values = all(one == Change(one.stage, one.set) for one in (old, change))
    return is_quick and are_values and old.set.keys() == change.set.keys()


class Playback:
    """Gives out the events of a timeline as their time comes."""

    def __init__(self, timeline: Sequence[Json], began: float) -> None:
        self._events = sorted(timeline, key=lambda event: event["at"])
        self._began, self._next = began, 0

    @property
    def ended(self) -> bool:
        return self._next == len(self._events)

    def until(self) -> float | None:
        """When the next event is due, in monotonic seconds; None at the end."""
        return None if self.ended else self._began + self._events[self._next]["at"]

    def due(self, time: float) -> list[Json]:
        """Every event whose time has come and that was not given out before, in order."""
        waiting = self._events[self._next :]
        found = list(takewhile(lambda event: event["at"] <= time - self._began + 1e-9, waiting))
        self._next += len(found)
        return found


def is_by_hand(move: Json) -> bool:
    """True for values alone, set at once."""
    return bool(move["stage"]) and not move["fade"] and move["on"] is None


def end_of(timeline: Sequence[Json]) -> float | None:
    """How many seconds a recording lasts, which its last move says; None for moves that were not recorded."""
    last = max(timeline, key=lambda move: move["at"], default=None)
    is_end = last is not None and not last.get("stage") and not last.get("prompts") and not last.get("clock")
    return last["at"] if last is not None and is_end and last["at"] > 0.0 else None


def film_at(timeline: Sequence[Json]) -> float:
    """Where in the source's film a recording begins, in seconds."""
    return next((move["film"] for move in timeline if move.get("film")), 0.0)


def clock_of(tempo: Tempo, time: float) -> Json:
    """Where a clock stands at a time, as a timeline holds it."""
    return {
        "bpm": tempo.bpm,
        "beats_per_bar": tempo.beats_per_bar,
        "beats": tempo.beats_at(time),
        "playing": tempo.is_playing,
    }


def tempos(timeline: Sequence[Json], first: Tempo) -> list[Tempo]:
    """The clock of a recording, whose seconds it counts, as it was set again and again; `first` until then."""
    found = [(move["at"], Clock.model_validate(move["clock"])) for move in timeline if move.get("clock")]
    set_to = [Tempo(clock.bpm, clock.beats_per_bar, clock.beats, at, clock.playing) for at, clock in found]
    return [first, *sorted(set_to, key=lambda tempo: tempo.at)]


def applied(document: Json, moves: Sequence[Json]) -> Json:
    """The set-up document after moves of one moment."""
    stages = {stage["id"]: stage for stage in document["stages"]}
    for move in moves:
        if move.get("prompts") is not None:
            document = {**document, "prompts": move["prompts"]}
        if (stage := stages.get(move["stage"])) is not None:
            on = stage["on"] if move["on"] is None else move["on"]
            stages[stage["id"]] = {**stage, "values": {**stage["values"], **move["set"]}, "on": on}
    return {**document, "stages": list(stages.values())}


def completed(events: Sequence[Json], defaults: Mapping[str, Mapping[str, Any]]) -> list[Json]:
    """The events of a recording with a whole beginning: what was moved later stands until then where it stood.

    That is at its default for a field without a value, and the other way for a switch.
    """
    began: dict[str, Json] = {}
    for event in events:
        if event["stage"] is None:
            continue
        if event["at"] == 0 and event["stage"] not in began:
            began[event["stage"]] = event
        first = began.setdefault(event["stage"], {"at": 0.0, "stage": event["stage"], "set": {}})
        known = defaults.get(event["stage"], {})
        first["set"] = {name: known[name] for name in event["set"] if name in known} | first["set"]
        if event.get("on") is not None:
            first.setdefault("on", not event["on"])
    return [*began.values(), *(event for event in events if not any(event is first for first in began.values()))]


def steps(
    timeline: Sequence[Json], began: Mapping[str, Mapping[str, Any]], is_whole: Callable[[str, str], bool]
) -> Iterator[tuple[float, str, str, Any]]:
    """Time, stage, field and value of everything that a timeline sets, in order; fades as the steps that they go live.

    `began`: stage → what its fields stand at in the beginning. `is_whole`: see `Fades`.
    """
    fades, now = Fades(is_whole), {stage: dict(values) for stage, values in began.items()}
    for event in sorted((event for event in timeline if event["stage"]), key=lambda event: event["at"]):
        yield from _fading(fades, event["at"])
        at, stage, values = event["at"], event["stage"], event["set"]
        known = now.setdefault(stage, {})
        fades.move(at, stage, values, event.get("fade") or 0.0, known)
        known.update(values)
        moving = fades.now(at).get(stage, {})
        yield from ((at, stage, name, value) for name, value in values.items() if name not in moving)
    yield from _fading(fades, math.inf)


def _fading(fades: Fades, until: float) -> Iterator[tuple[float, str, str, Any]]:
    while (due := fades.due()) is not None and due < until:
        for stage, values in fades.take(due).items():
            yield from ((due, stage, name, value) for name, value in values.items())
