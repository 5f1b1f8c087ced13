"""What a prompt means to `synth`, word by word, by the lexicon and without a model. Importing this module does not import
torch.
"""

import functools
import math
import re
from dataclasses import dataclass, field
from typing import Any

from scope_synth.lexicon import (
    COLORS,
    MOODS,
    NEGATIONS,
    PALETTE_HINTS,
    PALETTE_WORDS,
    SPEEDS,
    TEXTURE_HINTS,
    TEXTURES,
)

# How far a negation reaches: over so many unknown words ("without any stars", "not too fast").
_NEGATION_REACH = 2
# However many words are stacked, what they come to stays within these bounds.
BOUNDS = {"synth_speed": (-3.0, 3.0), "synth_intensity": (0.45, 1.6), "synth_contrast": (0.5, 1.8)}
_LEAST_SPEED = 0.1
_MOST_COLORS = 5


def _by_word(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {word: name for name, words in table.items() for word in words}


_GENERATOR_OF, _PALETTE_OF = _by_word(TEXTURES), _by_word(PALETTE_WORDS)
_HINTS = (("synth_generator", _by_word(TEXTURE_HINTS)), ("synth_palette", _by_word(PALETTE_HINTS)))


@dataclass
class Reading:
    """What was understood: `values` of controls by name, and `words` that say so, in the order of the prompt."""

    values: dict[str, Any] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


@functools.lru_cache(maxsize=64)
def read(prompt: str) -> Reading:
    """Read the known words of a prompt. Do not write to what comes back.

    Of several textures or palettes the first counts; colors make one palette together, and win over palettes; factors of
    speed, intensity and contrast multiply, within `BOUNDS`. A negation leaves out a color, palette or texture, and turns
    a factor into its inverse; it ends with the next known word, a comma, or two unknown words. Hints count last.
    """
    reading, said, negated = Reading(), [], 0
    for word in re.findall(r"[a-z]+(?:'t)?|[,.;:!?]", prompt.lower().replace("\u2019", "'")):
        if word in NEGATIONS or word.endswith("n't"):
            negated = _NEGATION_REACH + 1
        elif (known := _known(word)) is None:
            negated = max(0, negated - 1) if word[0].isalpha() else 0
        else:
            _scale(reading, known, negated > 0)
            if not negated:
                said.append(known)
                _choose(reading, known)
            negated = 0
    _color(reading, [word for word in said if word in COLORS])
    for word in said:
        for name, table in _HINTS:
            _set(reading, name, table.get(word))
    return _bounded(reading)


def palette_of(colors: list[str]) -> str:
    """A loop of colors: from a dark one over each color and its tint back to the dark."""
    stops = [stop for color in colors for stop in (color, _mixed(color, 255, 0.25))]
    return " ".join([_mixed(colors[0], 0, 0.92), _mixed(colors[0], 0, 0.6), *stops, _mixed(colors[-1], 0, 0.5)])


def _known(word: str) -> str | None:
    """A word as the lexicon has it, also where the prompt has it with an s more or less, or with -ly; None for others."""
    tables = (COLORS, SPEEDS, MOODS, _GENERATOR_OF, _PALETTE_OF)
    spellings = (word, word.removesuffix("s"), word + "s", word.replace("grey", "gray"), word.removesuffix("ly"))
    return next((w for w in spellings for table in tables if w in table), None)


def _scale(reading: Reading, word: str, negated: bool) -> None:
    """Multiply what a word has a factor for."""
    values = reading.values
    if word in SPEEDS and not (negated and SPEEDS[word] == 0.0):
        factor = 1.0 / SPEEDS[word] if negated else SPEEDS[word]
        values["synth_speed"] = values.get("synth_speed", 1.0) * factor
        reading.words.append(f"{factor:.2g} x")
    if word in MOODS:
        for name, factor in zip(("synth_intensity", "synth_contrast"), MOODS[word], strict=True):
            values[name] = values.get(name, 1.0) * (1.0 / factor if negated else factor)
        reading.words.append(f"not {word}" if negated else word)


def _choose(reading: Reading, word: str) -> None:
    """Take a word for a texture, a palette or a color, or for several of them."""
    _set(reading, "synth_generator", _GENERATOR_OF.get(word))
    _set(reading, "synth_palette", _PALETTE_OF.get(word))
    if word in COLORS and word not in _PALETTE_OF:
        reading.words.append(word)


def _set(reading: Reading, name: str, value: str | None) -> None:
    """Set what has no value yet."""
    if value and name not in reading.values:
        reading.values[name] = value
        reading.words.append(value)


def _color(reading: Reading, colors: list[str]) -> None:
    """Make a palette of colors, in place of one that was named; a color that names one itself is in need of others."""
    if all(word in _PALETTE_OF for word in colors):
        return
    named = reading.values.get("synth_palette")
    if named in reading.words and named not in colors:
        reading.words.remove(named)
    hexes = [COLORS[word] for word in colors[:_MOST_COLORS]]
    reading.values |= {"synth_palette": "custom", "synth_colors": palette_of(hexes)}


def _bounded(reading: Reading) -> Reading:
    for name, (low, high) in BOUNDS.items():
        if name in reading.values:
            reading.values[name] = min(max(reading.values[name], low), high)
    speed = reading.values.get("synth_speed")
    if speed and abs(speed) < _LEAST_SPEED:
        reading.values["synth_speed"] = math.copysign(_LEAST_SPEED, speed)
    return reading


def _mixed(color: str, target: int, share: float) -> str:
    parts = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part + (target - part) * share):02x}" for part in parts)
