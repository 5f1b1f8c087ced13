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
    "blood": "#9c0612",
    "coral": "#ff6f5e",
    "rust": "#b04a1c",
    "copper": "#c4703c",
    "orange": "#ff7a1a",
    "peach": "#ffb48a",
    "amber": "#ffb000",
    "gold": "#d9a441",
    "golden": "#d9a441",
    "yellow": "#ffe135",
    "champagne": "#f3dcae",
    "lime": "#a4e22a",
    "acid": "#b6ff1a",
    "green": "#1fa84a",
    "emerald": "#0f9d6b",
    "mint": "#8ff0c4",
    "teal": "#0b8f8f",
    "turquoise": "#2fd6c8",
    "aqua": "#25e0e6",
    "cyan": "#18d4f2",
    "azure": "#2a8cff",
    "blue": "#1f5bff",
    "navy": "#12266e",
    "indigo": "#3f2bb5",
    "violet": "#7a3cff",
    "purple": "#8e24aa",
    "lavender": "#b79cf0",
    "lilac": "#c8a2e0",
    "magenta": "#ff1fa8",
    "pink": "#ff7ab8",
    "rose": "#f2557f",
    "brown": "#8a5a2b",
    "chocolate": "#6b3a1e",
    "cream": "#fff0d2",
    "white": "#f4f4f4",
    "silver": "#c3ccd6",
    "chrome": "#c3ccd6",
    "gray": "#8c8c8c",
    "black": "#101010",
}
PALETTE_WORDS = {
    "sunset": ("sunset", "dusk", "warm"),
    "ember": ("ember", "embers", "molten", "autumn"),
    "ocean": ("ocean", "sea", "underwater"),
    "aurora": ("aurora", "northern", "polar"),
    "neon": ("neon", "cyberpunk", "synthwave", "techno"),
    "forest": ("forest", "meadow", "jungle"),
    "gold": ("gold", "golden"),
    "ice": ("ice", "icy", "snow", "cold", "crystal"),
    "mono": ("mono", "monochrome"),
    "rainbow": ("rainbow", "psychedelic", "prism"),
    "dawn": ("dawn", "sunrise"),
    "candy": ("candy", "pastel"),
}
SPEEDS = {
    "still": 0.0,
    "frozen": 0.0,
    "calm": 0.3,
    "serene": 0.3,
    "peaceful": 0.3,
    "slow": 0.4,
    "lazy": 0.4,
    "gentle": 0.5,
    "drifting": 0.5,
    "floating": 0.5,
    "melting": 0.5,
    "lively": 1.5,
    "angry": 1.7,
    "fast": 2.0,
    "rapid": 2.0,
    "energetic": 2.0,
    "frantic": 2.5,
    "wild": 3.0,
    "backwards": -1.0,
    "reverse": -1.0,
}
TEXTURES = {
    "noise": ("noise", "smoke", "clouds", "mist", "fog", "storm", "dust", "plasma", "marble"),
    "cells": ("cells", "mosaic", "scales", "glass", "honeycomb"),
    "tunnel": ("tunnel", "wormhole", "vortex", "whirlpool"),
    "fractal": ("fractal", "julia", "infinite"),
    "water": ("water", "caustics", "pool", "waves", "ripples", "rain"),
    "stars": ("stars", "starfield", "space", "galaxy", "nebula", "cosmos", "hyperspace"),
    "metaballs": ("metaballs", "blobs", "drops", "bubbles", "jellyfish", "slime", "lava"),
    "mesh": ("mesh", "gradient", "silk", "ribbons", "curtains"),
    "bars": ("bars", "stripes", "grid", "analog"),
    "lissajous": ("lissajous", "oscilloscope", "laser", "lightning", "beam"),
    "truchet": ("truchet", "maze", "labyrinth", "circuit"),
    "fire": ("fire", "flames", "blaze", "campfire", "inferno"),
    "kaleidoscope": ("kaleidoscope", "mandala", "mirrors", "flowers"),
    "reaction": ("reaction", "bacteria", "worms", "zebra", "organic"),
    "flow": ("flow", "wind", "particles", "hair", "fur", "grass"),
    "fluid": ("fluid", "ink", "paint", "liquid", "explosion"),
    "cave": ("cave", "cavern", "gyroid", "grotto"),
    "testcard": ("testcard", "metronome"),
}
# What a word brings to mind as well, where nothing else is said of it.
TEXTURE_HINTS = {
    "water": ("ocean", "sea", "underwater"),
    "noise": ("sunset", "dusk", "dawn", "sunrise"),
    "mesh": ("aurora", "northern"),
    "fire": ("ember", "embers"),
    "metaballs": ("molten", "chrome", "chocolate"),
    "stars": ("snow",),
}
PALETTE_HINTS = {
    "ember": ("fire", "flames", "blaze", "campfire", "inferno", "lava"),
    "ocean": ("water", "pool", "waves", "ripples", "rain", "jellyfish"),
    "gold": ("honeycomb",),
    "forest": ("grass",),
    "ice": ("space", "galaxy", "nebula", "cosmos", "hyperspace", "storm", "fog", "mist"),
    "neon": ("laser", "grid", "circuit"),
    "rainbow": ("glass",),
}
# Factors of intensity and contrast.
MOODS = {
    "dark": (0.55, 1.2),
    "dim": (0.7, 1.0),
    "night": (0.7, 1.2),
    "moody": (0.75, 1.4),
    "heavy": (0.85, 1.4),
    "bright": (1.35, 1.0),
    "glowing": (1.25, 1.0),
    "sparkling": (1.2, 1.2),
    "electric": (1.2, 1.2),
    "angry": (1.1, 1.5),
    "harsh": (1.1, 1.7),
    "soft": (1.0, 0.6),
    "dreamy": (1.1, 0.7),
    "pastel": (1.1, 0.7),
}
NEGATIONS = ("no", "not", "without", "never", "neither", "nor")
# How far a negation reaches: over so many unknown words ("without any stars", "not too fast").
_NEGATION_REACH = 2
# However many words are stacked, what they come to stays within these bounds.
BOUNDS = {"synth_speed": (-3.0, 3.0), "synth_intensity": (0.45, 1.6), "synth_contrast": (0.5, 1.8)}
_LEAST_SPEED = 0.1
_MOST_COLORS = 5

type _Words = dict[str, str]


def _by_word(table: dict[str, tuple[str, ...]]) -> _Words:
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
