"""Values for parameters: those the schema allows, those that hosts send all the same, and mixtures of them."""

import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

from scope_testkit.fields import Field

# What the host adds while a tempo is running.
TEMPO = {"bpm": 120.0, "beat_phase": 0.25, "bar_position": 1.25, "beat_count": 5, "is_playing": True}

# A prompt with words of color, motion and light: one of them means something to most pipelines that read words.
PROMPT = {"prompts": [{"text": "a slow red sunset", "weight": 1.0}]}


def tempo_at(beats: float) -> dict[str, Any]:
    """What `TEMPO` has become some beats later, in bars of four."""
    at = float(TEMPO["beat_count"]) + float(TEMPO["beat_phase"]) + beats
    return {**TEMPO, "beat_phase": at % 1.0, "bar_position": at % 4.0, "beat_count": int(at)}


# Names that some client or host sends to every pipeline, declared or not.
UNKNOWN = {
    "denoising_step_list": [1000, 750],
    "noise_scale": 0.7,
    "prompt_interpolation_method": "linear",
    "vace_context_scale": 1.0,
    "lora_scales": [{"path": "none.safetensors", "scale": 1.0}],
    "prompts": [{"text": "a meadow", "weight": 1.0}],
    "manage_cache": True,
    "video_timestamps": [0.0],
    "nobody_declared_this": object(),
}

# A toggle with such a name turns something off, and a menu at such a choice is off.
_REVERSED = ("bypass", "disable", "mute")
_OFF = ("", "none", "off")


def allowed(field: Field) -> list[Any]:
    """Values inside the schema that differ as much as it allows: every choice, both bounds, the middle, the default.

    Numbers have an irrational part of the range as well, where a control that goes round is at no full turn.
    """
    match field.kind:
        case "bool":
            return [not field.default, bool(field.default)]
        case "choice":
            return sorted(field.choices, key=lambda choice: choice == field.default)
        case "int" | "float":
            return _numbers(field)
        case "str":
            return ["Scope", "#ff3366", "3", str(field.default or "")]
    return []


def unvalidated(field: Field) -> list[Any]:
    """Values outside the schema's types or bounds, which hosts pass on unchecked."""
    far = [-1e9, 1e9, 2**70]
    match field.kind:
        case "int":
            return [*(float(v) for v in _numbers(field)), str(field.default), *far, 0.5, "bad", "", [], True]
        case "float":
            return [*(str(v) for v in _numbers(field)), 1, *far, "bad", "", {}, True]
        case "bool":
            return ["true", "false", 0, 1, 0.0, "bad", []]
        case "choice":
            return ["bad", "", 0, 1.0, [], True]
    return [1, 0.5, [], {}, True, ""]


def absent() -> list[Any]:
    """Values that are no value."""
    return [None, float("nan"), float("inf"), float("-inf")]


def switched_on(fields: Sequence[Field]) -> dict[str, Any]:
    """Every toggle on, and every menu that is off by default at another choice."""
    given: dict[str, Any] = {}
    for field in fields:
        if field.kind == "bool":
            given[field.name] = not any(word in field.name for word in _REVERSED)
        elif field.kind == "choice" and str(field.default) in _OFF and len(field.choices) > 1:
            given[field.name] = next(choice for choice in field.choices if choice != field.default)
    return given


def singles(fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Each control alone at a value that may turn something on: every choice of a menu, both extremes of anything else.

    The toggles whose names begin with the same word are on with it.
    """
    return [
        _own_toggles(field, fields) | {field.name: value}
        for field in fields
        for value in (allowed(field) if field.kind == "choice" else allowed(field)[:2])
        if field.kind == "choice" or value != field.default
    ]


def _own_toggles(field: Field, fields: Sequence[Field]) -> dict[str, Any]:
    shared = {f.name.split("_")[0] for f in fields}
    # A prefix that all fields of a pipeline have says nothing of what belongs together.
    at = 1 if len(shared) == 1 else 0
    words = {f.name: [*f.name.split("_"), ""][at] for f in fields}
    return switched_on([f for f in fields if f.kind == "bool" and words[f.name] == words[field.name]])


def mixtures(fields: Sequence[Field], count: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Parameters that turn things on: everything at its most different value, then random ones, the same every time.

    Every choice of every menu appears in one of the first mixtures, as far as `count` reaches. A third of them has a
    tempo running.
    """
    generator = random.Random(seed)
    for index in range(count):
        mixture = {field.name: _pick(field, index, generator) for field in fields if allowed(field)}
        yield mixture | (TEMPO if index % 3 == 2 else {})


def _pick(field: Field, index: int, generator: random.Random) -> Any:
    options = allowed(field)
    if field.kind == "choice":
        return options[index % len(options)]
    if index == 0:
        return options[0]
    if field.kind == "float" and field.low is not None and field.high is not None and index % 2:
        return round(generator.uniform(field.low, field.high), 3)
    return generator.choice(options)


def _numbers(field: Field) -> list[Any]:
    low, high, default = field.low, field.high, field.default
    start = default if isinstance(default, int | float) else 0
    low = start - 10 if low is None else low
    high = start + 10 if high is None else high
    kind = int if field.kind == "int" else float
    odd = low + (high - low) * (math.sqrt(2.0) - 1.0)
    return list(dict.fromkeys(kind(v) for v in (high, low, odd, (low + high) / 2, start)))
