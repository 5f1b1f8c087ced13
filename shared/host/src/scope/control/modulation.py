"""Waves that move fields: `base + depth * wave(beats * rate + phase)`, the same live and offline."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scope.control.tempo import Tempo

Wave = Callable[[float], float]
Hear = Callable[[str], float]


def sine(x: float) -> float:
    """From 0 up to 1 at a quarter, down to -1 at three quarters."""
    return math.sin(2.0 * math.pi * x)


def triangle(x: float) -> float:
    """As `sine`, in straight lines."""
    return 1.0 - 4.0 * abs((x + 0.25) % 1.0 - 0.5)


def saw(x: float) -> float:
    """From -1 up to 1, then back at once."""
    return 2.0 * (x % 1.0) - 1.0


def square(x: float) -> float:
    """1 in the first half, -1 in the second."""
    return 1.0 if x % 1.0 < 0.5 else -1.0


def random(x: float, seed: str = "") -> float:
    """A new value in [-1, 1] a turn; the same turn of the same seed always has the same value."""
    digest = hashlib.blake2b(f"{seed}:{math.floor(x)}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / (2**63) - 1.0


def beat(x: float) -> float:
    """1 at the beginning of a turn, fading to nearly 0 within it."""
    return math.exp(-4.0 * (x % 1.0))


WAVES: Mapping[str, Wave] = {
    "sine": sine,
    "triangle": triangle,
    "saw": saw,
    "square": square,
    "random": random,
    "beat": beat,
}


def silence(_band: str) -> float:
    """Nothing is heard."""
    return 0.0


@dataclass(frozen=True)
class Field:
    """What of a schema's field matters here: its default, its bounds, and whether it takes whole numbers only."""

    default: float
    low: float | None = None
    high: float | None = None
    whole: bool = False

    def fit(self, value: float) -> float:
        """The nearest value that the field takes."""
        value = value if self.low is None else max(value, self.low)
        value = value if self.high is None else min(value, self.high)
        return round(value) if self.whole else value


def number_field(entry: Mapping[str, Any]) -> Field | None:
    """A property of a JSON schema as a field that can be modulated; None if it is not a number with a default.

    >>> number_field({"type": "integer", "default": 6, "minimum": 2, "maximum": 16})
    Field(default=6, low=2, high=16, whole=True)
    """
    kinds = [entry, *entry.get("anyOf", ())]
    kind = next((k for k in kinds if k.get("type") in ("number", "integer")), None)
    default = entry.get("default")
    if kind is None or isinstance(default, bool) or not isinstance(default, int | float):
        return None
    return Field(default, kind.get("minimum"), kind.get("maximum"), kind["type"] == "integer")


def number_fields(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Field]:
    """Those of the properties of a JSON schema that can be modulated."""
    return {name: field for name, entry in entries.items() if (field := number_field(entry))}


class Modulator:
    """The modulations of one set-up: what each stage's fields are at a moment.

    `fields`: stage id → name → field, for those that can be modulated.
    """

    def __init__(
        self,
        modulations: Sequence[Mapping[str, Any]],
        fields: Mapping[str, Mapping[str, Field]],
    ) -> None:
        self._by_stage: dict[str, list[Mapping[str, Any]]] = {}
        self._fields = fields
        for one in modulations:
            if one["field"] in fields.get(one["stage"], {}):
                self._by_stage.setdefault(one["stage"], []).append(one)

    def values(
        self, stage: str, base: Mapping[str, Any], tempo: Tempo, time: float, hear: Hear = silence
    ) -> dict[str, Any]:
        """The modulated fields of a stage at `time`: to be laid over `base` for one call. `base` is never changed.

        `hear`: band → how loud it is then, in [0, 1]. Several modulations of one field add up; what comes out is fitted
        to the field's bounds once, at the end.
        """
        out: dict[str, float] = {}
        for one in self._by_stage.get(stage, ()):
            name = one["field"]
            start = out.get(name, _number(base.get(name), self._fields[stage][name].default))
            out[name] = start + one["depth"] * self._wave(one, tempo.beats_at(time), hear)
        return {name: self._fields[stage][name].fit(value) for name, value in out.items()}

    def _wave(self, one: Mapping[str, Any], beats: float, hear: Hear) -> float:
        if one["wave"] == "audio":
            return hear(one.get("band") or "level")
        turn = beats * one["rate"] + one["phase"]
        if one["wave"] == "random":
            # Two fields do not jump alike.
            return random(turn, f"{one['stage']}.{one['field']}")
        return WAVES[one["wave"]](turn)


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def laid_over(
    tempo: Tempo,
    modulator: Modulator | None,
    stage: str,
    base: Mapping[str, Any],
    time: float,
    hear: Hear,
    *,
    told: bool,
) -> Mapping[str, Any]:
    """What lies over a stage's parameters for one call: the beat if it is `told`, and the fields that waves move."""
    beat = tempo.values_at(time) if told else {}
    return beat if modulator is None else beat | modulator.values(stage, base, tempo, time, hear)
