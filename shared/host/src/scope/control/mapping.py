"""Hardware controls to fields: what a knob, a fader or a pad does, with soft take-over and lights for feedback.

An input is named `midi:<channel>:<kind>:<number>`, channels from 1 as on the device, or `osc:<address>`. Kinds are `cc`,
`note` and `program`, and without a number `bend` (the pitch wheel) and `pressure` (of the channel).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scope.control.encoders import fine_of, is_relative, steps
from scope.control.modulation import Field

# A knob takes hold of a field when it comes this near to it, in shares of its way.
_NEAR = 3.0 / 127.0

# A full turn or two of an endless encoder takes a field from end to end.
_STEPS = 127

# What lights a knob's ring and a pad; a wheel has no light, and a program that is sent back would switch the device.
_LIGHTS = {"cc": 0xB0, "note": 0x90}
_LIT = re.compile(r"midi:(?P<channel>\d{1,2}):(?P<kind>cc|note):(?P<number>\d{1,3})")


@dataclass(frozen=True)
class Move:
    """Set a field of a stage."""

    stage: str
    field: str
    value: Any


@dataclass(frozen=True)
class Fire:
    """Do something: `scene:<id>`, `cue:go`, `cue:back`, `cue:stop`, `cue:go:<id>`, `tap`, `downbeat`, `play`, `undo`."""

    action: str


@dataclass(frozen=True)
class Light:
    """What a device should show: a MIDI message of three bytes."""

    message: tuple[int, int, int]


Choices = Sequence[Any]


def midi_input(message: Sequence[int]) -> tuple[str, float] | None:
    """The input that a MIDI message moves, and where to, in [0, 1]; None for other messages.

    A note is 1 while it is held, whatever its velocity, and 0 when it is let go; a program is 1 whenever it is chosen.

    >>> midi_input([0xB0, 21, 127]), midi_input([0x91, 60, 0]), midi_input([0xC0, 3])
    (('midi:1:cc:21', 1.0), ('midi:2:note:60', 0.0), ('midi:1:program:3', 1.0))
    """
    kind, channel = message[0] & 0xF0, f"midi:{(message[0] & 0x0F) + 1}"
    match kind, message[1:]:
        case 0xB0, [number, value]:
            return f"{channel}:cc:{number}", value / 127.0
        case 0x80 | 0x90, [number, velocity]:
            return f"{channel}:note:{number}", float(kind == 0x90 and velocity > 0)
        case 0xE0, [fine, coarse]:
            return f"{channel}:bend", (fine + 128 * coarse) / 16383.0
        case 0xD0, [value]:
            return f"{channel}:pressure", value / 127.0
        case 0xC0, [number]:
            return f"{channel}:program:{number}", 1.0
    return None


def _is_pad(name: str) -> bool:
    """True for an input that is pressed, not turned."""
    return ":note:" in name or ":program:" in name


class Mapper:
    """Follows inputs through the mappings of one set-up.

    `fields`: stage → name → numeric field; `choices`: stage → name → the values of a menu, or (False, True) of a
    toggle. Soft take-over: a knob that stands elsewhere than its field moves nothing until it passes the field's
    value, so that nothing jumps; after that the field follows it. A pad has no place to be caught at: it holds a number
    at its `high` while it is pressed. An endless encoder goes on from where the field stands, whoever moved it there.
    """

    def __init__(
        self,
        mappings: Sequence[Mapping[str, Any]],
        fields: Mapping[str, Mapping[str, Field]],
        choices: Mapping[str, Mapping[str, Choices]],
    ) -> None:
        self._mappings = mappings
        self._fields, self._choices = fields, choices
        self._last: dict[str, float] = {}
        self._holding: dict[tuple[str, str, str], float] = {}
        self._released: dict[tuple[str, str, str], float] = {}

    def moved(self, name: str, position: float, values: Mapping[str, Mapping[str, Any]]) -> list[Move | Fire]:
        """What an input that now stands at `position` in [0, 1] does; `values`: stage → what its fields are now."""
        before, self._last[name] = self._last.get(name, position), position
        done = [self._heard(one, name, before, position, values) for one in self._mappings]
        return [action for action in done if action is not None]

    def _heard(
        self, one: Mapping[str, Any], name: str, before: float, now: float, values: Mapping[str, Mapping[str, Any]]
    ) -> Move | Fire | None:
        """What an input means for one mapping, by its encoding."""
        encoding = one.get("encoding", "absolute")
        if encoding == "14-bit":
            return self._with_fine(one, now, values) if name == fine_of(one["input"]) else None
        if name != one["input"]:
            return None
        return (
            self._turn(one, steps(encoding, round(now * 127)), values)
            if is_relative(encoding)
            else self._one(one, before, now, values)
        )

    def _with_fine(
        self, one: Mapping[str, Any], fine: float, values: Mapping[str, Mapping[str, Any]]
    ) -> Move | Fire | None:
        """The fine part follows the coarse one (MIDI 1.0), so that only then it is known where the control stands."""
        coarse, key = self._last.get(one["input"], 0.0), f"{one['input']}:14-bit"
        now = (128 * round(coarse * 127) + round(fine * 127)) / 16383
        before, self._last[key] = self._last.get(key, now), now
        return self._one(one, before, now, values)

    def _turn(self, one: Mapping[str, Any], by: int, values: Mapping[str, Mapping[str, Any]]) -> Move | Fire | None:
        """An endless encoder was turned: to the right a menu goes forward, a toggle on, and an action is done."""
        stage, field = one.get("stage"), one.get("field")
        present = values.get(str(stage), {}).get(str(field))
        if one.get("action"):
            return Fire(one["action"]) if by > 0 else None
        if (choices := self._choices.get(str(stage), {}).get(str(field))) is not None:
            at = (choices.index(present) if present in choices else 0) + by
            return Move(str(stage), str(field), choices[min(max(at, 0), len(choices) - 1)])
        if (spec := self._fields.get(str(stage), {}).get(str(field))) is None:
            return None
        low, high = _range(one, spec)
        share = _share(spec.default if present is None else present, low, high) + by * _step(spec, low, high)
        return Move(str(stage), str(field), spec.fit(low + (high - low) * min(max(share, 0.0), 1.0)))

    def _one(
        self, one: Mapping[str, Any], before: float, now: float, values: Mapping[str, Mapping[str, Any]]
    ) -> Move | Fire | None:
        pressed = before < 0.5 <= now or (before == now and now >= 0.5)
        if one.get("action"):
            return Fire(one["action"]) if pressed else None
        stage, field = one.get("stage"), one.get("field")
        if field in self._choices.get(stage, {}):
            return self._choose(one, now, pressed, values)
        if field in self._fields.get(stage, {}):
            return self._hold(one, now, values) if _is_pad(one["input"]) else self._follow(one, before, now, values)
        return None

    def _choose(
        self, one: Mapping[str, Any], now: float, pressed: bool, values: Mapping[str, Mapping[str, Any]]
    ) -> Move | None:
        stage, field = one["stage"], one["field"]
        choices = self._choices[stage][field]
        if not _is_pad(one["input"]):
            return Move(stage, field, choices[min(int(now * len(choices)), len(choices) - 1)])
        if not pressed:
            return None
        present = values.get(stage, {}).get(field, choices[0])
        following = choices.index(present) + 1 if present in choices else 0
        return Move(stage, field, choices[following % len(choices)])

    def _hold(self, one: Mapping[str, Any], now: float, values: Mapping[str, Mapping[str, Any]]) -> Move | None:
        stage, field = one["stage"], one["field"]
        spec, key = self._fields[stage][field], (one["input"], stage, field)
        if now < 0.5:
            before = self._released.pop(key, None)
            return None if before is None else Move(stage, field, before)
        self._released.setdefault(key, values.get(stage, {}).get(field, spec.default))
        return Move(stage, field, spec.fit(_range(one, spec)[1]))

    def _follow(
        self, one: Mapping[str, Any], before: float, now: float, values: Mapping[str, Mapping[str, Any]]
    ) -> Move | None:
        stage, field = one["stage"], one["field"]
        spec = self._fields[stage][field]
        low, high = _range(one, spec)
        key = (one["input"], stage, field)
        present = values.get(stage, {}).get(field, spec.default)
        # Another hand has moved the field since: the knob has to catch it again.
        if self._holding.get(key) != present and not _catches(before, now, _share(present, low, high)):
            self._holding.pop(key, None)
            return None
        value = spec.fit(low + (high - low) * now)
        self._holding[key] = value
        return Move(stage, field, value)

    def lights(self, values: Mapping[str, Mapping[str, Any]]) -> list[Light]:
        """What every mapped control should show now: rings around knobs, pads that are on."""
        shown = [self._light(one, values) for one in self._mappings]
        return [light for light in shown if light is not None]

    def _light(self, one: Mapping[str, Any], values: Mapping[str, Mapping[str, Any]]) -> Light | None:
        stage, field = one.get("stage"), one.get("field")
        named = _LIT.fullmatch(one["input"])
        if named is None:
            return None
        if field in self._fields.get(stage, {}):
            spec = self._fields[str(stage)][str(field)]
            share = _share(values.get(str(stage), {}).get(str(field), spec.default), *_range(one, spec))
        elif field in self._choices.get(stage, {}):
            choices = self._choices[str(stage)][str(field)]
            present = values.get(str(stage), {}).get(str(field), choices[0])
            share = choices.index(present) / max(1, len(choices) - 1) if present in choices else 0.0
        else:
            return None
        status = _LIGHTS[named["kind"]] | (int(named["channel"]) - 1) & 0x0F
        return Light((status, int(named["number"]) & 0x7F, round(127 * min(max(share, 0.0), 1.0))))


def _range(one: Mapping[str, Any], spec: Field) -> tuple[float, float]:
    """The mapping's own range, else the field's, else 0 to 1."""
    low = one.get("low") if one.get("low") is not None else spec.low
    high = one.get("high") if one.get("high") is not None else spec.high
    return (0.0 if low is None else low), (1.0 if high is None else high)


def _share(value: Any, low: float, high: float) -> float:
    return 0.0 if high == low or not isinstance(value, int | float) else (value - low) / (high - low)


def _step(spec: Field, low: float, high: float) -> float:
    """One step of an encoder, as a share of the way: a whole number goes on by one at least."""
    return max(1 / _STEPS, 1 / abs(high - low) if spec.whole and high != low else 0.0)


def _catches(before: float, now: float, share: float) -> bool:
    return min(before, now) - _NEAR <= share <= max(before, now) + _NEAR
