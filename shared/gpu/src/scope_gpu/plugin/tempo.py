"""Tempo as a pipeline's controls: how much it does, how often, and a tempo of the pipeline's own where the host sends none.
Importing this module does not import torch.
"""

from collections import deque
from itertools import pairwise
from statistics import median
from typing import Any

from scope_gpu.plugin.clock import Beat
from scope_gpu.plugin.controls import choice, slider, toggle, unit_slider

RATES = {"bar": 0.25, "half bar": 0.5, "beat": 1.0, "half beat": 2.0, "quarter beat": 4.0}
"""Cycles per beat, by the names of the menu; a bar is taken for four beats."""

# A pause between two taps after which the next one begins anew: the beat at 20 a minute.
_TAP_PAUSE = 3.0
_TAPS = 9


def beat_amount(description: str, *, order: int | None = None) -> Any:
    """How much the tempo does, from 0, nothing."""
    return _in_section(unit_slider("Beat", description, 0.0, order=order))


def beat_rate(*, order: int | None = None) -> Any:
    """How often: a menu of `RATES`, for a field annotated `str`."""
    return _in_section(
        choice("Beat rate", "How long one cycle is: each begins on the bar or beat", "beat", order=order)
    )


def own_bpm(*, order: int | None = None) -> Any:
    """The tempo where the host sends none."""
    return _in_section(slider("BPM", "Beats a minute, while the host sends no tempo", 120.0, 20.0, 300.0, order=order))


def tap(*, order: int | None = None) -> Any:
    """A switch that is flipped in time, either way: hosts have no button for a pipeline."""
    return _in_section(
        toggle("Tap", "Flip it on each beat to set the tempo, while the host sends none", False, order=order)
    )


def _in_section(field: Any) -> Any:
    """The control in a section of its own: what it moves comes first to whoever opens the panel."""
    field.json_schema_extra["ui"]["group"] = "Tempo"
    return field


class OwnTempo:
    """A typed or tapped tempo; what came last holds.

    Beats go on from where they are when the tempo changes. A tap moves the nearest beat to where it falls, and two or
    more give the tempo.
    """

    def __init__(self) -> None:
        self._taps: deque[float] = deque(maxlen=_TAPS)
        self._typed: float | None = None
        self._bpm = self._beats = self._at = 0.0
        self._switch: bool | None = None

    def beat(self, seconds: float, bpm: float, switch: bool) -> Beat:
        """The beat at a time, which does not go back; `bpm` and `switch` are what the controls say from this time on."""
        if bpm != self._typed:
            # The first beat is at the time 0, whenever the first frame is.
            self._change(0.0 if self._typed is None else seconds, bpm)
            self._typed = bpm
        if self._switch is not None and switch != self._switch:
            self._tap(seconds)
        self._switch = switch
        beats = self._position(seconds)
        return Beat(beats, self._bpm / 60.0, beats % 4.0)

    def _tap(self, seconds: float) -> None:
        if self._taps and seconds - self._taps[-1] > _TAP_PAUSE:
            self._taps.clear()
        self._taps.append(seconds)
        self._change(seconds, self._tapped() or self._bpm)
        self._beats = float(round(self._beats))

    def _tapped(self) -> float | None:
        gaps = [after - before for before, after in pairwise(self._taps) if after > before]
        return min(300.0, 60.0 / median(gaps)) if gaps else None

    def _change(self, seconds: float, bpm: float) -> None:
        self._beats, self._at, self._bpm = self._position(seconds), seconds, bpm

    def _position(self, seconds: float) -> float:
        return self._beats + (seconds - self._at) * self._bpm / 60.0
