"""The cue list: which cue comes next, and when it goes by itself. Knows no clock and no show."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scope.control.setup import Cue, CueList
from scope.control.setup import Tempo as TempoSetup
from scope.control.tempo import Tempo

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
