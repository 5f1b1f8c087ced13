"""What the words of a prompt mean to `synth`: a fixed list, no model. Importing this module does not import torch."""

import functools
import math
import re
from dataclasses import dataclass, field
from typing import Any

COLORS = {
    "red": "#e0201b",
    "crimson": "#c8102e",
    "scarlet": "#ff2400",
    "orange": "#ff7a1a",
    "amber": "#ffb000",
    "yellow": "#ffe135",
    "lime": "#a4e22a",
    "green": "#1fa84a",
    "emerald": "#0f9d6b",
    "teal": "#0b8f8f",
    "turquoise": "#2fd6c8",
    "cyan": "#18d4f2",
    "blue": "#1f5bff",
    "navy": "#12266e",
    "indigo": "#3f2bb5",
    "violet": "#7a3cff",
    "purple": "#8e24aa",
    "magenta": "#ff1fa8",
    "pink": "#ff7ab8",
    "rose": "#f2557f",
    "brown": "#8a5a2b",
    "white": "#f4f4f4",
    "gray": "#8c8c8c",
}
PALETTE_WORDS = {
    "sunset": ("sunset", "dusk"),
    "ember": ("ember", "embers"),
    "ocean": ("ocean", "sea"),
    "aurora": ("aurora",),
    "neon": ("neon",),
    "forest": ("forest", "meadow"),
    "gold": ("gold", "golden"),
    "ice": ("ice", "snow"),
    "mono": ("mono", "monochrome"),
    "rainbow": ("rainbow",),
    "dawn": ("dawn", "sunrise"),
    "candy": ("candy",),
}
SPEEDS = {
    "still": 0.0,
    "calm": 0.3,
    "serene": 0.3,
    "slow": 0.4,
    "gentle": 0.5,
    "lively": 1.5,
    "fast": 2.0,
    "frantic": 2.5,
    "wild": 3.0,
    "frozen": 0.0,
    "backwards": -1.0,
    "reverse": -1.0,
}
TEXTURES = {
    "noise": ("noise", "smoke", "clouds", "mist", "fog", "marble"),
    "cells": ("cells", "mosaic", "scales", "glass"),
    "tunnel": ("tunnel", "wormhole", "vortex"),
    "fractal": ("fractal", "julia", "coral"),
    "water": ("water", "caustics", "pool", "waves"),
    "stars": ("stars", "starfield", "space", "galaxy"),
    "metaballs": ("metaballs", "blobs", "drops", "lava"),
    "mesh": ("mesh", "gradient", "silk"),
    "bars": ("bars", "stripes", "analog"),
    "lissajous": ("lissajous", "oscilloscope", "laser", "beam"),
    "truchet": ("truchet", "maze", "labyrinth"),
    "fire": ("fire", "flames", "blaze"),
    "kaleidoscope": ("kaleidoscope", "mandala", "mirrors"),
    "reaction": ("reaction", "bacteria", "worms", "organic"),
    "flow": ("flow", "wind", "particles", "hair"),
    "fluid": ("fluid", "ink", "paint", "liquid"),
    "cave": ("cave", "gyroid", "grotto"),
    "testcard": ("testcard", "metronome"),
}
# Factors of intensity and contrast.
MOODS = {
    "dark": (0.55, 1.2),
    "dim": (0.7, 1.0),
    "moody": (0.75, 1.4),
    "bright": (1.35, 1.0),
    "harsh": (1.1, 1.7),
    "soft": (1.0, 0.6),
    "dreamy": (1.1, 0.7),
}
NEGATIONS = ("no", "not", "without", "never", "neither", "nor")
# How far a negation reaches: over so many unknown words ("without any stars", "not too fast").
_NEGATION_REACH = 2
# However many words are stacked, what they come to stays within these bounds.
BOUNDS = {"synth_speed": (-3.0, 3.0), "synth_intensity": (0.45, 1.6), "synth_contrast": (0.5, 1.8)}
_LEAST_SPEED = 0.1
_MOST_COLORS = 5

_GENERATOR_OF = {word: name for name, words in TEXTURES.items() for word in words}
_PALETTE_OF = {word: name for name, words in PALETTE_WORDS.items() for word in words}


@dataclass
class Reading:
    """What was understood: `values` of controls by name, and `words` that say so, in the order of the prompt."""

    values: dict[str, Any] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


@functools.lru_cache(maxsize=64)
def read(prompt: str) -> Reading:
    """Read the known words of a prompt. Do not write to what comes back.

    Of several textures or palettes the first counts; colors make one palette together; factors of speed, intensity and
    contrast multiply, within `BOUNDS`. A negation leaves out a color, palette or texture, and turns a factor into its
    inverse; it ends with the next known word, a comma, or two unknown words.
    """
    reading, colors, negated = Reading(), [], 0
    for word in re.findall(r"[a-z]+(?:'t)?|[,.;:!?]", prompt.lower().replace("\u2019", "'")):
        if word in NEGATIONS or word.endswith("n't"):
            negated = _NEGATION_REACH + 1
        elif (known := _known(word)) is None:
            negated = max(0, negated - 1) if word[0].isalpha() else 0
        else:
            _take(reading, colors, known, negated > 0)
            negated = 0
    if colors and "synth_palette" not in reading.values:
        reading.values |= {"synth_palette": "custom", "synth_colors": palette_of(colors[:_MOST_COLORS])}
    return _bounded(reading)


def palette_of(colors: list[str]) -> str:
    """A loop of colors: from a dark one over each color and its tint back to the dark."""
    stops = [stop for color in colors for stop in (color, _mixed(color, 255, 0.35))]
    return " ".join([_mixed(colors[0], 0, 0.92), _mixed(colors[0], 0, 0.6), *stops, _mixed(colors[-1], 0, 0.5)])


def _known(word: str) -> str | None:
    """A word as the lexicon has it, also where the prompt has it with an s more or less; None for others."""
    tables = (COLORS, SPEEDS, MOODS, _GENERATOR_OF, _PALETTE_OF)
    spellings = (word, word.removesuffix("s"), word + "s", word.replace("grey", "gray"))
    return next((w for w in spellings for table in tables if w in table), None)


def _take(reading: Reading, colors: list[str], word: str, negated: bool) -> None:
    values, known = reading.values, reading.words
    if word in SPEEDS:
        if not (negated and SPEEDS[word] == 0.0):
            factor = 1.0 / SPEEDS[word] if negated else SPEEDS[word]
            values["synth_speed"] = values.get("synth_speed", 1.0) * factor
            known.append(f"{factor:.2g} x")
    elif word in MOODS:
        for name, factor in zip(("synth_intensity", "synth_contrast"), MOODS[word], strict=True):
            values[name] = values.get(name, 1.0) * (1.0 / factor if negated else factor)
        known.append(f"not {word}" if negated else word)
    elif negated:
        return
    elif word in COLORS:
        colors.append(COLORS[word])
        known.append(word)
    else:
        _choose(reading, word)


def _choose(reading: Reading, word: str) -> None:
    for name, table in (("synth_generator", _GENERATOR_OF), ("synth_palette", _PALETTE_OF)):
        if word in table and name not in reading.values:
            reading.values[name] = table[word]
            reading.words.append(table[word])


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
