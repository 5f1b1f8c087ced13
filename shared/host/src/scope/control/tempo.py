"""Beats: a clock that can be set, tapped and fed from MIDI, and what pipelines are told of it. Times are seconds."""

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

MIN_BPM, MAX_BPM = 20.0, 300.0

# A pause between two taps after which the next one begins anew: the longest beat there is.
_TAP_PAUSE = 60.0 / MIN_BPM
_TAPS = 9
_TICKS_A_BEAT = 24


@dataclass(frozen=True)
class Tempo:
    """A steady tempo: `beats` had gone by at the time `at`.

    >>> Tempo(bpm=120.0).beats_at(1.5)
    3.0
    """

    bpm: float = 120.0
    beats_per_bar: int = 4
    beats: float = 0.0
    at: float = 0.0
    is_playing: bool = True

    def beats_at(self, time: float) -> float:
        """Beats since the start; they stand still while nothing plays."""
        return self.beats + (time - self.at) * self.bpm / 60.0 if self.is_playing else self.beats

    def time_of(self, beats: float) -> float:
        """When so many beats have gone by, for a clock that plays."""
        return self.at + (beats - self.beats) * 60.0 / self.bpm

    def values_at(self, time: float) -> dict[str, Any]:
        """What pipelines get with a call: `bpm`, `beat_phase` in [0, 1), `bar_position` in beats of the bar, …"""
        beats = self.beats_at(time)
        return {
            "bpm": self.bpm,
            "beat_phase": beats % 1.0,
            "bar_position": beats % self.beats_per_bar,
            "beat_count": math.floor(beats),
            "is_playing": self.is_playing,
        }

    def next_boundary(self, time: float, quantize: str) -> float:
        """When the next beat or bar begins; `time` itself for "off", on a boundary, and while nothing plays."""
        step = {"beat": 1, "bar": self.beats_per_bar}.get(quantize)
        if step is None or not self.is_playing:
            return time
        beats = self.beats_at(time)
        # A boundary that was passed within rounding is this one, not the next.
        target = math.ceil(beats / step - 1e-9) * step
        return time + max(0.0, target - beats) * 60.0 / self.bpm

    def with_bpm(self, bpm: float, time: float) -> "Tempo":
        """Another speed from `time` on; the position in the bar goes on without a jump.

        Raises:
            ValueError: not a number from 20 to 300.
        """
        if not MIN_BPM <= bpm <= MAX_BPM:
            raise ValueError(f"tempo: expected 20 to 300 beats a minute, got {bpm:g}")
        return replace(self, bpm=bpm, beats=self.beats_at(time), at=time)

    def playing(self, on: bool, time: float) -> "Tempo":
        """Stop at `time`, or go on from there."""
        return replace(self, beats=self.beats_at(time), at=time, is_playing=on)

    def on_the_beat(self, time: float) -> "Tempo":
        """Move to the nearest whole beat at `time`: somebody says that a beat is now."""
        return replace(self, beats=float(round(self.beats_at(time))), at=time)

    def downbeat(self, time: float) -> "Tempo":
        """A bar begins at `time`."""
        bar = math.ceil(self.beats_at(time) / self.beats_per_bar - 0.5)
        return replace(self, beats=float(bar * self.beats_per_bar), at=time)


def tempo_at(tempos: Sequence[Tempo], time: float) -> Tempo:
    """Of tempos that follow each other, in order of `at`, the one that holds at `time`; the first before them."""
    # Times are sums of fractions of a second and miss their mark by a rounding error.
    return tempos[max(0, bisect_right(tempos, time + 1e-9, key=lambda tempo: tempo.at) - 1)]


class Taps:
    """Taps on a button become a tempo: the median of the last eight intervals, aligned to the last tap."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_TAPS)

    def tap(self, tempo: Tempo, time: float) -> Tempo:
        """The tempo after one more tap. The first two only align the beat; a long pause begins anew."""
        if self._times and not 0.0 < time - self._times[-1] < _TAP_PAUSE:
            self._times.clear()
        self._times.append(time)
        if len(self._times) >= 3:
            interval = median(b - a for a, b in pairwise(self._times))
            tempo = tempo.with_bpm(min(max(60.0 / interval, MIN_BPM), MAX_BPM), time)
        return tempo.on_the_beat(time)


class MidiClock:
    """The MIDI beat clock, 24 ticks a beat: a tempo from ticks that arrive with jitter.

    Messages: start 0xFA, continue 0xFB, stop 0xFC, tick 0xF8, song position 0xF2. The speed is that of the last two
    beats, so that one late tick moves nothing; the position follows the count of ticks.
    """

    def __init__(self, beats_per_bar: int = 4) -> None:
        self.tempo = Tempo(beats_per_bar=beats_per_bar, is_playing=False)
        self._ticks = 0
        self._times: deque[float] = deque(maxlen=2 * _TICKS_A_BEAT + 1)

    def message(self, message: Sequence[int], time: float) -> None:
        """One message at its arrival; others than the five are ignored."""
        match message[0]:
            case 0xF2 if len(message) == 3:
                self._locate(message[1] + 128 * message[2], time)
            case 0xFA:
                self._ticks = 0
                self._times.clear()
                self.tempo = replace(self.tempo, beats=0.0, at=time, is_playing=True)
            case 0xFB:
                self._times.clear()
                self.tempo = self.tempo.playing(True, time)
            case 0xFC:
                self.tempo = self.tempo.playing(False, time)
            case 0xF8:
                self._tick(time)

    def _locate(self, sixteenths: int, time: float) -> None:
        """Where in the song the next `continue` goes on: a sequencer says so when it is started elsewhere than at 0."""
        self._ticks = sixteenths * _TICKS_A_BEAT // 4
        self.tempo = replace(self.tempo, beats=self._ticks / _TICKS_A_BEAT, at=time)

    def _tick(self, time: float) -> None:
        if self._times and time - self._times[-1] > _TAP_PAUSE:
            self._times.clear()
        self._times.append(time)
        if not self.tempo.is_playing:
            return
        beats = self._ticks / _TICKS_A_BEAT
        self._ticks += 1
        if len(self._times) > _TICKS_A_BEAT:
            # Time over a whole number of ticks: the jitter of two ticks, spread over a beat or two.
            span = (self._times[-1] - self._times[0]) / (len(self._times) - 1)
            bpm = min(max(60.0 / (span * _TICKS_A_BEAT), MIN_BPM), MAX_BPM)
            self.tempo = replace(self.tempo, bpm=bpm, beats=self._steady(beats, time, bpm), at=time)

    def _steady(self, beats: float, time: float, bpm: float) -> float:
        """The position, a tenth of the way to what this tick says: jitter is averaged, drift is followed."""
        expected = self.tempo.beats + (time - self.tempo.at) * bpm / 60.0
        return beats if abs(beats - expected) > 0.25 else expected + (beats - expected) * 0.1
