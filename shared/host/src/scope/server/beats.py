"""The show's clock: follows the set-up, taps, MIDI or Link, and tells the engine and the clients when it changes."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from scope.control.tempo import MidiClock, Taps, Tempo
from scope.control.timeline import clock_of
from scope.engine.link import Engine

# An outside clock is passed on when it has moved this far from what everyone was told, in seconds.
_TOLERANCE = 0.002

Json = dict[str, Any]


class Beats:
    """One clock for the show. Used on the event loop only; times are monotonic seconds, as the engine's."""

    def __init__(
        self, engine: Engine, tell: Callable[[Json], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._tell, self._clock = engine, tell, clock
        self._taps = Taps()
        self._midi = MidiClock()
        self._source = "off"
        self._quantize = "off"
        self.tempo: Tempo | None = None

    def follow(self, wanted: Mapping[str, Any]) -> None:
        """Become what the set-up's `tempo` says; a running clock goes on without a jump."""
        self._source, self._quantize = wanted["source"], wanted["quantize"]
        if self._source == "off":
            self._become(None)
            return
        now = self._clock()
        tempo = self.tempo or Tempo(bpm=wanted["bpm"], at=now)
        if self._source == "internal" and tempo.bpm != wanted["bpm"]:
            tempo = tempo.with_bpm(wanted["bpm"], now)
        self._become(replace(tempo, beats_per_bar=wanted["beats_per_bar"]))

    def tap(self) -> float | None:
        """Somebody taps the beat: the tempo that comes of it, to be kept in the set-up; None while there is no clock."""
        if self.tempo is None or self._source != "internal":
            return None
        self._become(self._taps.tap(self.tempo, self._clock()))
        return round(self.tempo.bpm, 1)

    def go_to(self, tempo: Tempo) -> None:
        """Stand where a recorded clock stood; an outside clock leads all the same."""
        if self.tempo is not None and self._source == "internal":
            self._become(tempo)

    def downbeat(self) -> None:
        """A bar begins now."""
        if self.tempo is not None:
            self._become(self.tempo.downbeat(self._clock()))

    def play(self, on: bool) -> None:
        """Stop the clock, or let it go on."""
        if self.tempo is not None and self.tempo.is_playing != on:
            self._become(self.tempo.playing(on, self._clock()))

    def midi(self, message: Sequence[int]) -> None:
        """A message of a MIDI clock; heard when the set-up names it as the source."""
        self._midi.message(message, self._clock())
        if self._source == "midi" and self.tempo is not None:
            self.outside(replace(self._midi.tempo, beats_per_bar=self.tempo.beats_per_bar))

    def outside(self, tempo: Tempo) -> None:
        """Where an outside clock stands. Everyone is told when it differs from what they know by a few milliseconds."""
        now, known = self._clock(), self.tempo
        if known is not None and not (known.is_playing or tempo.is_playing):
            tempo = replace(tempo, beats=known.beats, at=known.at)  # a clock that stands does not move
        if known is not None and known.is_playing == tempo.is_playing:
            off = abs(tempo.beats_at(now) - known.beats_at(now)) * 60.0 / tempo.bpm
            if off < _TOLERANCE and abs(tempo.bpm - known.bpm) < 0.05:
                return
        self._become(tempo)

    def wait(self) -> float:
        """Seconds until a quantized change may happen; 0 without a clock."""
        now = self._clock()
        return 0.0 if self.tempo is None else self.tempo.next_boundary(now, self._quantize) - now

    def now(self) -> Json | None:
        """What pipelines are told at this moment; None without a clock."""
        return None if self.tempo is None else self.tempo.values_at(self._clock())

    def recorded(self, time: float) -> Json:
        """Where the clock that waves follow stands at a time, as a timeline holds it."""
        return clock_of(self.tempo or Tempo(), time)

    def message(self) -> Json:
        """What clients are told: where the clock stands now."""
        tempo = self.tempo
        if tempo is None:
            return {"tempo": None}
        beats = tempo.beats_at(self._clock())
        told = {"bpm": tempo.bpm, "beats_per_bar": tempo.beats_per_bar, "beats": beats, "playing": tempo.is_playing}
        return {"tempo": told}

    def _become(self, tempo: Tempo | None) -> None:
        if tempo == self.tempo:
            return
        self.tempo = tempo
        self._engine.tempo(tempo)
        self._tell(self.message())
