"""Hardware controls to fields: what a knob, a fader or a pad does, with soft take-over and lights for feedback.

An input is named `midi:<channel>:cc:<number>` or `midi:<channel>:note:<number>`, channels from 1 as on the device, or
`osc:<address>`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scope.control.modulation import Field

# A knob takes hold of a field when it comes this near to it, in shares of its way.
_NEAR = 3.0 / 127.0


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

    A note is 1 while it is held, whatever its velocity, and 0 when it is let go.

    >>> midi_input([0xB0, 21, 127]), midi_input([0x91, 60, 0])
    (('midi:1:cc:21', 1.0), ('midi:2:note:60', 0.0))
    """
    if len(message) != 3:
        return None
    status, number, value = message
    channel, kind = (status & 0x0F) + 1, status & 0xF0
    if kind == 0xB0:
        return f"midi:{channel}:cc:{number}", value / 127.0
    if kind == 0x90 or kind == 0x80:
        return f"midi:{channel}:note:{number}", float(kind == 0x90 and value > 0)
    return None


class Mapper:
    """Follows inputs through the mappings of one set-up.

    `fields`: stage → name → numeric field; `choices`: stage → name → the values of a menu, or (False, True) of a
    toggle. Soft take-over: a knob that stands elsewhere than its field moves nothing until it passes the field's
    value, so that nothing jumps; after that the field follows it.
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

    def moved(self, name: str, position: float, values: Mapping[str, Mapping[str, Any]]) -> list[Move | Fire]:
        """What an input that now stands at `position` in [0, 1] does; `values`: stage → what its fields are now."""
        before, self._last[name] = self._last.get(name, position), position
        done = [self._one(one, before, position, values) for one in self._mappings if one["input"] == name]
        return [action for action in done if action is not None]

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
            return self._follow(one, before, now, values)
        return None

    def _choose(
        self, one: Mapping[str, Any], now: float, pressed: bool, values: Mapping[str, Mapping[str, Any]]
    ) -> Move | None:
        stage, field = one["stage"], one["field"]
        choices = self._choices[stage][field]
        if ":note:" not in one["input"]:
            return Move(stage, field, choices[min(int(now * len(choices)), len(choices) - 1)])
        if not pressed:
            return None
        present = values.get(stage, {}).get(field, choices[0])
        following = choices.index(present) + 1 if present in choices else 0
        return Move(stage, field, choices[following % len(choices)])

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
        shown = [self._light(one, values) for one in self._mappings if one["input"].startswith("midi:")]
        return [light for light in shown if light is not None]

    def _light(self, one: Mapping[str, Any], values: Mapping[str, Mapping[str, Any]]) -> Light | None:
        stage, field = one.get("stage"), one.get("field")
        _, channel, kind, number = one["input"].split(":")
        if field in self._fields.get(stage, {}):
            spec = self._fields[str(stage)][str(field)]
            share = _share(values.get(str(stage), {}).get(str(field), spec.default), *_range(one, spec))
        elif field in self._choices.get(stage, {}):
            choices = self._choices[str(stage)][str(field)]
            present = values.get(str(stage), {}).get(str(field), choices[0])
            share = choices.index(present) / max(1, len(choices) - 1) if present in choices else 0.0
        else:
            return None
        status = (0xB0 if kind == "cc" else 0x90) | (int(channel) - 1)
        return Light((status, int(number), round(127 * min(max(share, 0.0), 1.0))))


def _range(one: Mapping[str, Any], spec: Field) -> tuple[float, float]:
    """The mapping's own range, else the field's, else 0 to 1."""
    low = one.get("low") if one.get("low") is not None else spec.low
    high = one.get("high") if one.get("high") is not None else spec.high
    return (0.0 if low is None else low), (1.0 if high is None else high)


def _share(value: Any, low: float, high: float) -> float:
    return 0.0 if high == low or not isinstance(value, int | float) else (value - low) / (high - low)


def _catches(before: float, now: float, share: float) -> bool:
    return min(before, now) - _NEAR <= share <= max(before, now) + _NEAR
