"""Open Sound Control: addresses to actions on the show, values back on request. Knows no socket; see `osc_server`.

/scope/<stage>/<field> VALUE…    set a field; without a value: ask for it
/scope/<field> VALUE             the original host's form: every stage that has the field
/scope/scene NAME or NUMBER      recall a scene
/scope/cue ID or NUMBER          go to a cue; /scope/cue/go, /scope/cue/back, /scope/cue/stop
/scope/bpm BPM, /scope/tap, /scope/downbeat
/scope/play 1 or 0
/scope/prompt TEXT

A stage and a field may be patterns of OSC 1.0 (`/scope/fx*/{bloom,grain}`): every field that matches is set. Any other
address does what the set-up's mappings say of the input `osc:<address>`.
"""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Protocol

PREFIX = "/scope/"
# Of all braces of an address together: what a hand writes has a few, and they multiply.
MOST_ALTERNATIVES = 64

_KINDS: Mapping[type, str] = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


class OscError(ValueError):
    """A message that means nothing here; says what was expected and what came."""


class Show(Protocol):
    """What OSC moves."""

    def fields(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """Stage id → field name → its entry in the JSON schema, with `value`, the present one."""
        ...

    def post(self, stage: str, changes: Mapping[str, Any], by: str) -> None: ...

    def scene(self, which: str | int, by: str) -> None: ...

    def mapped(self, address: str, position: float) -> bool:
        """Move what the set-up maps to this address; False if it maps nothing. `position` in [0, 1]."""
        ...

    def cue(self, do: str, which: str | int | None = None) -> None: ...

    def prompt(self, text: str, by: str) -> None: ...

    def play(self, on: bool, by: str) -> None: ...

    def bpm(self, value: float) -> None: ...

    def tap(self) -> None: ...

    def downbeat(self) -> None: ...


@dataclass(frozen=True)
class Reply:
    """A message to send back to whoever asked."""

    address: str
    values: tuple[Any, ...]


def handle(show: Show, address: str, values: Sequence[Any]) -> Reply | None:
    """Do what one message asks.

    Raises:
        OscError: it is refused; nothing else is.
    """
    if _is_position(values) and show.mapped(address, _position(values)):
        return None
    if not address.startswith(PREFIX):
        raise OscError(f"expected an address that begins with {PREFIX}, got {address!r}")
    parts = address.removeprefix(PREFIX).split("/")
    if parts[0] == "cue" and parts[1:] in (["go"], ["back"], ["stop"]):
        if _pressed(values):
            show.cue(parts[1])
        return None
    if len(parts) == 2 and any(sign in address for sign in "*?[{"):
        return _pattern(show, address.removeprefix(PREFIX), values)
    if len(parts) == 2:
        return _field(show, *parts, values)
    if len(parts) != 1:
        raise OscError(f"expected {PREFIX}<stage>/<field>, got {address!r}")
    return _word(show, parts[0], values)


def _word(show: Show, word: str, values: Sequence[Any]) -> Reply | None:
    match word:
        case "scene":
            show.scene(_which(word, values), "osc")
        case "cue":
            show.cue("go", _which(word, values))
        case "prompt":
            show.prompt(_one(word, values, str), "osc")
        case "bpm":
            show.bpm(float(_one(word, values, int, float)))
        case "tap" | "downbeat" if not _pressed(values):
            return None
        case "tap":
            show.tap()
        case "downbeat":
            show.downbeat()
        case "play":
            show.play(bool(_one(word, values, int, float, bool)), "osc")
        case _:
            return _everywhere(show, word, values)
    return None


def _everywhere(show: Show, name: str, values: Sequence[Any]) -> Reply | None:
    having = [stage for stage, fields in show.fields().items() if name in fields]
    if not having:
        raise OscError(f"no stage has a field {name!r}")
    if not values:
        return _field(show, having[0], name, values)
    for stage in having:
        _field(show, stage, name, values)
    return None


def _field(show: Show, stage: str, name: str, values: Sequence[Any]) -> Reply | None:
    fields = show.fields()
    if stage not in fields:
        raise OscError(f"no stage {stage!r}; there are {', '.join(fields) or 'none'}")
    if name not in fields[stage]:
        raise OscError(f"{stage} has no field {name!r}")
    if not values:
        return Reply(f"{PREFIX}{stage}/{name}", _osc_values(fields[stage][name].get("value")))
    show.post(stage, {name: _fitting(fields[stage][name], values)}, "osc")
    return None


def _pattern(show: Show, pattern: str, values: Sequence[Any]) -> None:
    if not values:
        raise OscError("expected a value: a question goes to one address, not to a pattern")
    globs = _globs(pattern)
    fields = [(stage, name) for stage, own in show.fields().items() for name in own]
    having = [(stage, name) for stage, name in fields if any(fnmatchcase(f"{stage}/{name}", glob) for glob in globs)]
    if not having:
        raise OscError("no field of a stage matches")
    refused = []
    for stage, name in having:
        try:
            _field(show, stage, name, values)
        except OscError as error:
            refused.append(f"{stage}/{name} {error}")
    if refused:
        raise OscError("; ".join(refused))


def _globs(pattern: str) -> list[str]:
    """The pattern once for each way to choose from its braces; what is left is a shell's pattern."""
    pieces = [piece.split(",") if i % 2 else [piece] for i, piece in enumerate(re.split(r"\{([^{}]*)\}", pattern))]
    if math.prod(map(len, pieces)) > MOST_ALTERNATIVES:
        raise OscError(f"expected at most {MOST_ALTERNATIVES} alternatives in braces")
    return ["".join(chosen) for chosen in itertools.product(*pieces)]


def _fitting(entry: Mapping[str, Any], values: Sequence[Any]) -> Any:
    """OSC controllers send floats for everything: a toggle gets a boolean, a menu its n-th choice."""
    value = values[0] if len(values) == 1 else list(values)
    if isinstance(value, float) and not math.isfinite(value):
        raise OscError(f"expected a finite number, got {value}")
    choices = _choices(entry)
    if choices and isinstance(value, int | float) and not isinstance(value, bool) and value not in choices:
        index = int(value)
        if not 0 <= index < len(choices):
            raise OscError(f"expected a choice from 0 to {len(choices) - 1}, got {value}")
        return choices[index]
    if entry.get("type") == "boolean" and isinstance(value, int | float):
        return value >= 0.5
    if entry.get("type") == "integer" and isinstance(value, float):
        return round(value)
    return value


def _choices(entry: Mapping[str, Any]) -> list[Any]:
    return list(next((k["enum"] for k in (entry, *entry.get("anyOf", ())) if "enum" in k), ()))


def _osc_values(value: Any) -> tuple[Any, ...]:
    """What OSC can carry of a value: numbers, texts and booleans; anything else as nothing."""
    if isinstance(value, list):
        return tuple(v for v in value if isinstance(v, int | float | str | bool))
    return (value,) if isinstance(value, int | float | str | bool) else ()


def _is_position(values: Sequence[Any]) -> bool:
    return all(isinstance(value, int | float) and math.isfinite(value) for value in values)


def _position(values: Sequence[Any]) -> float:
    """Where a fader stands; a button that sends nothing is pressed."""
    return min(max(float(values[0]), 0.0), 1.0) if values else 1.0


def _pressed(values: Sequence[Any]) -> bool:
    """False for the 0 that a button sends when it is let go."""
    return list(values) not in ([0], [0.0])


def _which(word: str, values: Sequence[Any]) -> str | int:
    """A name, or a number from 1; faders and buttons send whole numbers as floats."""
    which = _one(word, values, str, int, float)
    if isinstance(which, float) and not which.is_integer():
        raise OscError(f"{PREFIX}{word} expected a text or a whole number, got {which:g}")
    return int(which) if isinstance(which, float) else which


def _one(word: str, values: Sequence[Any], *kinds: type) -> Any:
    if len(values) != 1 or not isinstance(values[0], kinds):
        wanted = " or ".join(_KINDS[kind] for kind in kinds)
        raise OscError(f"{PREFIX}{word} expected {wanted}, got {list(values)!r}")
    return values[0]


def addresses(fields: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[tuple[str, str]]:
    """Every address that is understood with these fields (stage → name → entry of its schema), with what it takes."""
    words = [
        (f"{PREFIX}scene", "a name or a number"),
        (f"{PREFIX}cue", "an id or a number"),
        (f"{PREFIX}cue/go", "nothing"),
        (f"{PREFIX}cue/back", "nothing"),
        (f"{PREFIX}cue/stop", "nothing"),
        (f"{PREFIX}prompt", "a text"),
        (f"{PREFIX}bpm", "a number from 20 to 300"),
        (f"{PREFIX}tap", "nothing"),
        (f"{PREFIX}downbeat", "nothing"),
        (f"{PREFIX}play", "1 or 0"),
    ]
    return words + [(f"{PREFIX}{stage}/{name}", _takes(e)) for stage, own in fields.items() for name, e in own.items()]


def _takes(entry: Mapping[str, Any]) -> str:
    if choices := _choices(entry):
        return "one of " + ", ".join(map(str, choices))
    low, high = entry.get("minimum"), entry.get("maximum")
    bounds = f" from {low:g} to {high:g}" if low is not None and high is not None else ""
    return {"number": "a number", "integer": "a whole number", "boolean": "1 or 0"}.get(
        entry.get("type", ""), "a text"
    ) + bounds
