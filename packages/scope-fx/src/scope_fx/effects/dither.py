"""Dither: the picture in a few inks, mixed by the eye."""

from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.ramps import ENTRIES, look_up, ramp
from scope_fx.effects.thresholds import bayer, blue_noise, laid_out
from scope_fx.effects.tiles import laid, mosaic
from scope_gpu.image.blur import convolve
from scope_gpu.image.color import luma
from scope_gpu.plugin.controls import choice, slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# How much detail is brought out beforehand, for few inks swallow it.
_DETAIL = 0.7


class DitherFields(BaseModel):
    group: ClassVar[str] = "Print"

    dither: float = unit_slider("Dither", "Show the picture in a few inks")
    dither_inks: int = slider("Dither inks", "How many; of the picture's own colors, for each channel", 4, 2, 8)
    dither_colors: Literal[
        "picture", "mono", "handheld", "amber", "phosphor", "ember", "ice", "acid", "candy", "duotone"
    ] = choice("Dither colors", "The picture's own colors, or a ramp from dark to light", "picture")
    dither_pattern: Literal["blue noise", "bayer"] = choice(
        "Dither pattern", "Dots without order, or in a raster as of early computers", "blue noise"
    )
    dither_size: float = slider("Dither size", "Size of a dot in percent of the height", 0.5, 0.1, 10.0)


class Variant(NamedTuple):
    colors: str
    pattern: str
    dot: int
    inks: int


class Numbers(NamedTuple):
    amount: float


class Maps(NamedTuple):
    """`thresholds`: for each dot in (0, 1). `inks`: (3, N) from dark to light, None for the picture's own colors."""

    variant: Variant
    thresholds: Tensor
    inks: Tensor | None


class Dither(Effect):
    """Each dot takes the ink above or below its tone, the one above as often as the mean of their light asks for.

    A dot is a whole number of pixels; all is worked out once a dot.
    """

    fields = DitherFields
    keeps_state = False

    def variant(self, p: DitherFields, context: Context) -> Variant:
        dot = max(1, round(context.height * p.dither_size / 100.0))
        return Variant(p.dither_colors, p.dither_pattern, dot, p.dither_inks)

    def maps(self, size: tuple[int, int], device: torch.device, variant: Variant) -> Maps:
        # One dot more than the picture is wide, for tiles are laid out from its middle.
        rows, columns = (-(-side // variant.dot) + 1 for side in size)
        tile = bayer() if variant.pattern == "bayer" else blue_noise()
        if variant.colors == "picture":
            return Maps(variant, laid_out(tile, rows, columns).to(device), None)
        places = torch.linspace(0.0, ENTRIES - 1.0, variant.inks).round().to(torch.int64)
        return Maps(variant, laid_out(tile, rows, columns).to(device), ramp(variant.colors)[:, places].to(device))

    def numbers(self, p: DitherFields, context: Context) -> Numbers:
        return Numbers(p.dither)

    def apply(self, frame: Tensor, n: Numbers, plan: Maps, memory: Memory) -> Tensor:
        dot, last = plan.variant.dot, plan.variant.inks - 1
        dots = mosaic(frame, dot, dot)
        detailed = crisp(dots if plan.inks is None else luma(dots))
        levels = to_levels(detailed, plan.thresholds[: dots.shape[-2], : dots.shape[-1]], last)
        printed = levels / last if plan.inks is None else look_up(levels / last, plan.inks)
        return frame.lerp_(laid(printed, dot, dot, (frame.shape[-2], frame.shape[-1])), n.amount)


def crisp(planes: Tensor) -> Tensor:
    """Planes in [0, 1] with more contrast between neighbours."""
    binomial = [0.25, 0.5, 0.25]
    soft = convolve(convolve(planes, binomial, -1), binomial, -2)
    return (planes + (planes - soft) * _DETAIL).clamp_(0.0, 1.0)


def to_levels(values: Tensor, thresholds: Tensor, last: int) -> Tensor:
    """Values in [0, 1] to whole levels from 0 to `last`, whose light has the light of the values as its mean.

    Light is taken for the square of a value: between level k and the next, at k + f, the share of the upper one is
    ((k + f)^2 - k^2) / ((k + 1)^2 - k^2).
    """
    place = values * last
    below = place.floor()
    rest = place - below
    share = rest * (2.0 * below + rest) / (2.0 * below + 1.0)
    return below + (share > thresholds).to(values.dtype)
