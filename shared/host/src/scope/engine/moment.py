"""What of the moment reaches every call of a live show: the beat, and fields that waves move."""

import math
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from scope.control.bands import Track
from scope.control.modulation import Hear, Modulator, laid_over, number_fields, silence
from scope.control.tempo import Tempo
from scope.engine.plan import Plan

# An input that is listened to tells its levels thirty times a second; silent for so long, it is heard no more.
LISTENED_SECONDS = 1.0


class Moment:
    """What every call is told of the moment: the beat, and the fields that a wave moves."""

    def __init__(self) -> None:
        self.tempo: Tempo | None = None
        self.sound: Track | None = None
        self.modulator: Modulator | None = None
        self._bands: Mapping[str, float] = {}
        self._heard = -math.inf

    def modulate(self, setup: Mapping[str, Any], plan: Plan) -> None:
        """Move fields as the document says; where it says nothing, calls cost nothing."""
        fields = {
            part.node.id: number_fields({name: field.entry for name, field in part.node.fields.items()})
            for part in plan.parts
        }
        modulations = setup.get("modulation") or ()
        self.modulator = Modulator(modulations, fields) if modulations else None

    def heard(self, bands: Mapping[str, float]) -> None:
        """A microphone or another input hears this now."""
        self._bands, self._heard = bands, time.monotonic()

    def values(self, node: str, values: Mapping[str, Any], now: float, film: float | None) -> Mapping[str, Any]:
        """What lies over a stage's parameters for one call."""
        tempo, hear = self.tempo or Tempo(), self._hear(now, film)
        return laid_over(tempo, self.modulator, node, values, now, hear, told=self.tempo is not None)

    def _hear(self, now: float, film: float | None) -> Hear:
        """An input while it is heard, else the file that plays: there it is what the film at this place hears offline."""
        if now - self._heard < LISTENED_SECONDS:
            return lambda band: self._bands.get(band, 0.0)
        if self.sound is None or film is None:
            return silence
        return partial(self.sound.at, time=film)
