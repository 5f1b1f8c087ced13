"""ASCII: the picture typed in characters that follow its shapes."""

from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.glyphs import bins, glyphs
from scope_fx.effects.tiles import laid, mosaic, padded, trimmed
from scope_gpu.image.bands import in_bands
from scope_gpu.image.color import luma
from scope_gpu.image.hashing import hash_unit
from scope_gpu.plugin.controls import choice, slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# A character's width by its height, and the least height that can be read.
_NARROW, _LEAST = 0.6, 6
# The parts of a cell that are compared, down and across.
_DOWN, _ACROSS = 4, 3
# How much contrast within a cell is raised, and how much of its color lies behind a character.
_CONTRAST, _BEHIND = 2.0, 0.42
# How much the weight of a character counts beside its shape, which counts half in a cell of so much contrast; and how
# far the weight is off by chance, so that flat places are typed in many characters.
_WEIGHT, _FLAT, _JITTER = 30.0, 0.02, 0.12

_TINTS = {"green": (0.25, 1.0, 0.45), "amber": (1.0, 0.68, 0.16), "white": (0.95, 0.97, 1.0)}


class AsciiFields(BaseModel):
    group: ClassVar[str] = "Print"

    ascii: float = unit_slider("ASCII", "Type the picture")
    ascii_size: float = slider("ASCII size", "Height of a character in percent of the height", 2.2, 1.0, 20.0)
    ascii_letters: Literal["text", "binary", "blocks", "strokes"] = choice(
        "ASCII letters", "What is typed: letters and signs, zeros and ones, filled quarters, or strokes", "text"
    )
    ascii_color: Literal["picture", "green", "amber", "white"] = choice(
        "ASCII color", "The picture's colors or those of a terminal", "picture"
    )


class Variant(NamedTuple):
    letters: str
    color: str
    cell: tuple[int, int]


class Numbers(NamedTuple):
    amount: float


class Maps(NamedTuple):
    """`atlas`: the characters, (G, height * width). `weights`: their coverage, the heaviest one's is `full`; `shapes`: how
    their parts differ from it, (parts, G), and `sizes`, the square sum of each. `down`, `across`: what takes the means of a
    cell's parts. `jitter`: for each cell.
    """

    variant: Variant
    atlas: Tensor
    weights: Tensor
    shapes: Tensor
    sizes: Tensor
    down: Tensor
    across: Tensor
    full: Tensor
    jitter: Tensor


class Ascii(Effect):
    """Each cell takes the character whose ink lies most like its light: both are compared in twelve parts, by least
    squares. So edges are typed in characters that run along them, and flat places in those of their weight.
    """

    fields = AsciiFields
    keeps_state = False

    def variant(self, p: AsciiFields, context: Context) -> Variant:
        height = max(_LEAST, round(context.height * p.ascii_size / 100.0))
        return Variant(p.ascii_letters, p.ascii_color, (height, round(height * _NARROW)))

    def maps(self, size: tuple[int, int], device: torch.device, variant: Variant) -> Maps:
        height, width = variant.cell
        drawn = glyphs(variant.letters, height, width).to(device)
        down, across = bins(height, _DOWN).to(device), bins(width, _ACROSS).to(device)
        covered = (down @ drawn @ across.T).flatten(1).T
        weights, jitter = covered.mean(0), _chance(size, variant).to(device)
        shapes = (covered - weights).contiguous()
        return Maps(
            variant, drawn.flatten(1), weights, shapes, shapes.square().sum(0), down, across, weights.amax(), jitter
        )

    def numbers(self, p: AsciiFields, context: Context) -> Numbers:
        return Numbers(p.ascii)

    def apply(self, frame: Tensor, n: Numbers, plan: Maps, memory: Memory) -> Tensor:
        size, (height, width) = (frame.shape[-2], frame.shape[-1]), plan.variant.cell
        colors = mosaic(frame, height, width)
        chosen = best(parts(padded(luma(frame), height, width)[0, 0], plan), plan)
        ink = trimmed(typed(chosen, plan), *size, (height, width))
        lights = [laid(v, height, width, size) for v in shades(colors, plan.variant.color)]

        def lay_on(band: Tensor, beside: tuple[Tensor, Tensor, Tensor]) -> Tensor:
            ink, ground, light = beside
            return torch.lerp(band, torch.lerp(ground, light, ink), n.amount)

        return in_bands(lay_on, frame, (ink, *lights))


def _chance(size: tuple[int, int], variant: Variant) -> Tensor:
    """For each cell how far its weight is off; strokes lie in order."""
    rows, columns = (torch.arange(side // cell + 3) for side, cell in zip(size, variant.cell, strict=True))
    off = hash_unit(columns[None, :], rows[:, None], 0) - 0.5
    return off * (_JITTER if variant.letters == "text" else 0.0)


def parts(tone: Tensor, plan: Maps) -> Tensor:
    """The brightness of each cell's parts, (rows, columns, parts), as coverage."""
    height, width = plan.variant.cell
    rows, columns = tone.shape[0] // height, tone.shape[1] // width
    low = plan.down @ tone.view(rows, height, columns * width)
    values = low.view(rows, _DOWN, columns, width) @ plan.across.T
    return values.permute(0, 2, 1, 3).flatten(2) * plan.full


def best(values: Tensor, plan: Maps) -> Tensor:
    """For each cell the number of the character that is nearest in weight and, the more a cell has of it, in shape.

    |v - g|^2 is least where 2 v.g - g.g is greatest, for the mean of the parts and for what is left of them without it.
    """
    weight = values.mean(-1, keepdim=True)
    shape = (values - weight) * _CONTRAST
    shaped = shape.square().sum(-1, keepdim=True)
    shaped = shaped / (shaped + _FLAT)
    weight = weight + plan.jitter[: values.shape[0], : values.shape[1], None] * plan.full
    by_weight = (2.0 * weight - plan.weights) * plan.weights * _WEIGHT
    by_shape = 2.0 * (shape @ plan.shapes) - plan.sizes
    return (by_weight + by_shape * shaped).argmax(-1)


def typed(chosen: Tensor, plan: Maps) -> Tensor:
    """Characters (rows, columns) as coverage, (1, 1, rows * height, columns * width)."""
    (rows, columns), (height, width) = chosen.shape, plan.variant.cell
    drawn = torch.index_select(plan.atlas, 0, chosen.flatten()).view(rows, columns, height, width)
    return drawn.permute(0, 2, 1, 3).reshape(1, 1, rows * height, columns * width)


def shades(colors: Tensor, which: str) -> tuple[Tensor, Tensor]:
    """For cells of those colors, T3HW, the ground and the light of their characters."""
    if which != "picture":
        tint = colors.new_tensor(_TINTS[which]).view(3, 1, 1)
        lit = tint * (0.15 + 0.85 * luma(colors))
        return lit * (_BEHIND * 0.5), lit
    # A character covers a part of its cell: it shines for all of it.
    peak = colors.amax(1, keepdim=True)
    lit = colors * (peak.sqrt().sqrt() / peak.clamp(min=0.04))
    return colors * _BEHIND, lit.clamp(0.0, 1.0)
