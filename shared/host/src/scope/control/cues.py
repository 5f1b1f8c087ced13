"""The cue list: which cue comes next, and when it goes by itself. Knows no clock and no show."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scope.control.scenes import recalled
from scope.control.setup import Cue, CueList, Setup
from scope.control.setup import Tempo as TempoSetup
from scope.control.tempo import Tempo
from scope.control.timeline import Defaults, Json, changes

# A boundary that was passed within rounding is this one, not the next; in beats.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Moment:
    """A time in monotonic seconds, and the beat then; None without a clock."""

    time: float
    beats: float | None = None


def moment(time: float, tempo: Tempo | None) -> Moment:
    """Where the clock stands at a time."""
    return Moment(time, None if tempo is None else tempo.beats_at(time))


def follows_at(cue: Cue, went: Moment, tempo: Tempo | None, setup: TempoSetup) -> Moment | None:
    """When the cue after one that `went` goes by itself; None if it waits for a go, or for a clock that stands still.

    Waits are counted from when a cue was due, not from when it went, so that a long list does not drift. With a clock,
    the set-up's `quantize` moves the end of a wait to the next beat or bar.
    """
    if not cue.follow:
        return None
    beats = cue.wait * (setup.beats_per_bar if cue.unit == "bars" else 1)
    if tempo is None:
        return Moment(went.time + (cue.wait if cue.unit == "seconds" else beats * 60.0 / setup.bpm))
    if cue.unit == "seconds":
        time = went.time + cue.wait
        return _on_grid(tempo.beats_at(time), tempo, setup) if tempo.is_playing else Moment(time, tempo.beats)
    start = tempo.beats_at(went.time) if went.beats is None else went.beats
    return _on_grid(start + beats, tempo, setup) if tempo.is_playing else None


def asked_at(now: Moment, tempo: Tempo | None, setup: TempoSetup) -> Moment:
    """When a go that is asked for now happens: at once, or at the next beat or bar."""
    if tempo is None or not tempo.is_playing or now.beats is None or setup.quantize == "off":
        return now
    return _on_grid(now.beats, tempo, setup)


def _on_grid(beats: float, tempo: Tempo, setup: TempoSetup) -> Moment:
    step = {"off": None, "beat": 1, "bar": setup.beats_per_bar}[setup.quantize]
    if step is not None:
        beats = math.ceil((beats - _ROUNDING) / step) * float(step)
    return Moment(tempo.time_of(beats), beats)


class Position:
    """Which cue of a list went last, also while the list is edited."""

    def __init__(self) -> None:
        self.id: str | None = None
        self._index = -1

    def set(self, cues: Sequence[Cue], cue: Cue) -> None:
        """This one went."""
        self.id, self._index = cue.id, cues.index(cue)

    def cue(self, cues: Sequence[Cue]) -> Cue | None:
        """The cue that went last, if it is still there."""
        return next((cue for cue in cues if cue.id == self.id), None)

    def after(self, cues: CueList) -> Cue | None:
        """The one that goes next: the first at the beginning and, where the list loops, behind the end."""
        return self._at(cues, self._place(cues.items, removed=self._index - 1) + 1)

    def before(self, cues: CueList) -> Cue | None:
        """The one to go back to; the first stays the first unless the list loops."""
        index = max(self._place(cues.items, removed=self._index), 0) - 1
        return self._at(cues, index if cues.loop else max(index, 0))

    def _place(self, items: Sequence[Cue], removed: int) -> int:
        """The index of the cue that went last, or what stands for it if it was removed."""
        return next((i for i, cue in enumerate(items) if cue.id == self.id), removed if self.id is not None else -1)

    def _at(self, cues: CueList, index: int) -> Cue | None:
        if not cues.items:
            return None
        if cues.loop:
            return cues.items[index % len(cues.items)]
        return cues.items[index] if 0 <= index < len(cues.items) else None


def played(cues: CueList, tempo: Tempo | None, setup: TempoSetup) -> Iterator[tuple[Cue, float]]:
    """The cues that go one after the other from a go at 0 seconds on, each with its time. Endless for a list that loops.

    It ends with the list, or at a cue that waits for a go.
    """
    position, went = Position(), moment(0.0, tempo)
    while went is not None and (cue := position.after(cues)) is not None:
        position.set(cues.items, cue)
        yield cue, went.time
        went = follows_at(cue, went, tempo, setup)


def round_seconds(cues: CueList, tempo: Tempo | None, setup: TempoSetup) -> float:
    """From the first cue's go to the end of the wait of the last one that goes by itself; a loop goes round once."""
    once = cues.model_copy(update={"loop": False})
    *_, (last, at) = played(once, tempo, setup)
    end = follows_at(last.model_copy(update={"follow": True}), moment(at, tempo), tempo, setup)
    return at if end is None else end.time


def cue_timeline(setup: Setup, tempo: Tempo | None, until: float, defaults: Defaults) -> list[Json]:
    """The moves that the cue list makes in `until` seconds from its first go on, as a timeline holds them."""
    found: list[Json] = []
    for cue, at in played(setup.cues, tempo, setup.tempo):
        if at >= until:
            break
        scene = next((scene for scene in setup.scenes if scene.id == cue.scene), None)
        if scene is None:
            continue
        after = recalled(setup, scene)
        fade = scene.fade if cue.fade is None else cue.fade
        found += [change.at(at) for change in changes(setup.document(), after.document(), defaults, fade)]
        setup = after
    return found
