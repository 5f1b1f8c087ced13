"""Palettes: closed loops of colour, sampled into a table once and looked up by pixel.

Two kinds: cosine palettes (Inigo Quilez, "Procedural color palette", iquilezles.org/articles/palettes), and loops through
a few colours interpolated in OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020), where equal
steps look equally large.
"""

import functools
import math
import re

import torch
from torch import Tensor

from scope_gpu.image.oklab import oklab_to_srgb, srgb_to_oklab

TABLE_SIZE = 4096

type Triple = tuple[float, float, float]

# a + b * cos(2 pi (c * t + d)) per channel; whole numbers in c close the loop.
_COSINES: dict[str, tuple[Triple, Triple, Triple, Triple]] = {
    "rainbow": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), (1.0, 1.0, 1.0), (0.0, 0.33, 0.67)),
    "dawn": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), (1.0, 1.0, 1.0), (0.5, 0.4, 0.3)),
    "candy": ((0.8, 0.5, 0.4), (0.2, 0.4, 0.2), (2.0, 1.0, 1.0), (0.0, 0.25, 0.25)),
}

_LOOPS: dict[str, str] = {
    "sunset": "#1a0b2e #5b1a6b #d1345b #ff8c42 #ffd56b #b8487a",
    "ember": "#080304 #4a0d0a #b5260f #ff7a1a #ffe08a #8c1a0c",
    "ocean": "#020817 #06305c #0b7a9e #46d0c6 #e8fff4 #1a6ea8",
    "aurora": "#050a1c #0d3b4f #19b08a #b7f5a0 #7f6bff #2a1a6e",
    "neon": "#0a0118 #5a0bd6 #ff1fa8 #ff9ae0 #3fd0f5 #1437c9",
    "forest": "#07110b #1d4a2a #6f9a3b #e3e08a #b8743a #3a2a18",
    "gold": "#0b0703 #5a3410 #c98a1e #fff0b8 #d9a441 #3b1f0c",
    "ice": "#0a1020 #39578a #a6d3ea #ffffff #8fb1e6 #26345f",
    "mono": "#000000 #ffffff",
}

PALETTES = (*_LOOPS, *_COSINES)


class PaletteError(ValueError):
    """A name or list of colours that makes no palette; the message says what was expected and what came."""


def palette_table(name: str) -> Tensor:
    """A named palette as (3, 4096) sRGB in [0, 1] on the CPU; the last entry runs on into the first.

    Raises:
        PaletteError: there is no palette of this name.
    """
    if name in _COSINES:
        return _cosine_table(*_COSINES[name])
    if name in _LOOPS:
        return loop_table(_LOOPS[name])
    raise PaletteError(f"expected a palette out of {', '.join(PALETTES)}, got {name!r}")


def loop_table(colors: str) -> Tensor:
    """A smooth closed loop through colours, (3, 4096) sRGB in [0, 1] on the CPU.

    Args:
        colors: at least two colours as "#rrggbb" or "#rgb" (the sign may be left out), set apart by spaces or commas.

    Raises:
        PaletteError: fewer than two colours, or one that cannot be read.
    """
    stops = [_parse_hex(word) for word in re.split(r"[\s,;]+", colors.strip()) if word]
    if len(stops) < 2:
        raise PaletteError(f"expected at least two colours such as '#0b1026 #ff8c42', got {colors!r}")
    lab = srgb_to_oklab(torch.tensor(stops, dtype=torch.float64).T[..., None])[..., 0]
    return oklab_to_srgb(_closed_spline(lab)[..., None])[..., 0].clamp(0.0, 1.0).to(torch.float32)


def colorize(index: Tensor, table: Tensor) -> Tensor:
    """Look up a palette: index of any shape S, 1 once around the loop, within half a million, to (3, *S) sRGB in [0, 1].

    Takes the nearest of the table's entries, neighbours of which differ by less than a step of an 8-bit display.
    """
    size = table.shape[1]
    # An index of 32 bits holds half a million times around, and costs half the memory of one of 64.
    places = (index * size).floor_().to(torch.int32).bitwise_and_(size - 1).view(-1)
    colors = torch.empty((table.shape[0], *index.shape), dtype=table.dtype, device=table.device)
    for row, plane in zip(table, colors, strict=True):
        torch.index_select(row, 0, places, out=plane.view(-1))
    return colors


def _cosine_table(a: Triple, b: Triple, c: Triple, d: Triple) -> Tensor:
    t = torch.arange(TABLE_SIZE, dtype=torch.float64) / TABLE_SIZE
    offset, amplitude, turns, start = (torch.tensor(v, dtype=torch.float64)[:, None] for v in (a, b, c, d))
    wave = torch.cos(2.0 * math.pi * (turns * t + start))
    return (offset + amplitude * wave).clamp(0.0, 1.0).to(torch.float32)


def _closed_spline(points: Tensor) -> Tensor:
    """A Catmull-Rom loop through (C, N) points as (C, 4096)."""
    position = torch.arange(TABLE_SIZE, dtype=points.dtype) * points.shape[1] / TABLE_SIZE
    first = position.floor().to(torch.int64)
    t = position - first
    before, start, end, after = (points[:, (first + k) % points.shape[1]] for k in (-1, 0, 1, 2))
    linear, square = end - before, 2.0 * before - 5.0 * start + 4.0 * end - after
    cubic = 3.0 * (start - end) + after - before
    return start + 0.5 * t * (linear + t * (square + t * cubic))


@functools.cache
def _parse_hex(word: str) -> Triple:
    match = re.fullmatch(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", word)
    if match is None:
        raise PaletteError(f"expected colours such as '#ff8c42', got {word!r}")
    digits = match[1] if len(match[1]) == 6 else "".join(d * 2 for d in match[1])
    red, green, blue = (int(digits[i : i + 2], 16) / 255.0 for i in (0, 2, 4))
    return red, green, blue
