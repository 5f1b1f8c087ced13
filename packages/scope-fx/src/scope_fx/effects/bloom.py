"""Bloom: light that spills from highlights, as in a lens."""

import math
from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.scales import shifted
from scope_gpu.image.blur import Growing, blur_pyramid, growing, shrink
from scope_gpu.plugin.controls import unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Light is spread in a picture of so many lines up to twice as many, over so many halvings of that.
_HEIGHT, _LEVELS = 180, 5
# How much light amount 1 spills at a threshold of 1, in units of the light above it, and what is left of that at 0.
_STRENGTH, _LEAST = 9.0, 0.6
# How much brighter than the display the brightest pixels are taken to have been.
_BOOST = 1.5
# How much less each place spills the more of the picture shines.
_CROWD = 3.0
# The width of the soft step at the threshold, in linear light.
_KNEE = 0.1


class BloomFields(BaseModel):
    group: ClassVar[str] = "Light"

    bloom: float = unit_slider("Bloom", "Light that spills from highlights")
    bloom_threshold: float = unit_slider("Bloom threshold", "Brightness from which pixels glow", 0.7)
    bloom_radius: float = unit_slider("Bloom radius", "From a tight glow to a wide haze", 0.5)


class Numbers(NamedTuple):
    """`threshold` in linear light; `weights` of the scales, fine to coarse, that sum to 1."""

    strength: float
    threshold: float
    weights: tuple[float, ...]


class Bloom(Effect):
    """What lies above the threshold is spread over five scales in linear light, and added as `1 - (1 - x) exp(-spill)`,
    which reaches white without clipping colors.

    The lower the threshold, the more of the picture glows and the less of its light each pixel spills: the picture
    softens, and no fog lies over it. What is nearly white counts for more, for no display shows how bright it was.
    """

    fields = BloomFields
    pointwise = True
    looks = True
    keeps_state = False

    def maps(self, size: tuple[int, int], device: torch.device, variant: None) -> int:
        return _halvings(size[0])

    def numbers(self, p: BloomFields, context: Context) -> Numbers:
        threshold = p.bloom_threshold**2
        lines = context.height / (1 << _halvings(context.height))
        weights = shifted(_weights(p.bloom_radius), math.log2(lines / _HEIGHT))
        return Numbers(p.bloom * (_LEAST + (_STRENGTH - _LEAST) * threshold), threshold, weights)

    def look(self, frame: Tensor, n: Numbers, plan: int, memory: Memory) -> Tensor | Growing:
        """The share of darkness that the spilled light leaves."""
        small = shrink(frame, plan)
        # Light is the square of the display value: close to its curve of 2.2, and turned back by a root.
        glow = highlights(small * small, n.threshold) * (1.0 + _BOOST * beyond_display(small))
        glow = glow / (1.0 + glow.mean() * _CROWD)
        spread = blur_pyramid(glow, n.weights, size=small.shape[-2:])
        return growing(torch.exp(spread * -n.strength), plan, *frame.shape[-2:])

    def apply(self, frame: Tensor, n: Numbers, plan: Tensor, memory: Memory) -> Tensor:
        return spill(frame, plan)


def spill(frame: Tensor, kept: Tensor) -> Tensor:
    """Lay light over display values, which are written over, so that a share `kept` of the darkness stays."""
    return torch.lerp(frame.new_ones(()), frame.square_(), kept, out=frame).clamp_(0.0, 1.0).sqrt_()


def highlights(light: Tensor, threshold: float) -> Tensor:
    """What of linear TCHW lies above `threshold`, hue kept; nothing below, with a quadratic knee in between."""
    peak = light.amax(dim=-3, keepdim=True)
    over = (peak - threshold).clamp_(min=0.0)
    above = torch.minimum(over * over / (2.0 * _KNEE), over)
    return light * (above / peak.clamp(min=1e-4))


def beyond_display(values: Tensor) -> Tensor:
    """How surely display values TCHW were brighter than they could be shown, T1HW: 0 up to 0.8, 1 from 1."""
    return ((values.amax(dim=-3, keepdim=True) - 0.8) * 5.0).clamp_(0.0, 1.0).square_()


def _halvings(height: int) -> int:
    return max(0, math.floor(math.log2(height / _HEIGHT)))


def _weights(radius: float) -> tuple[float, ...]:
    """A geometric series that tips over from fine to coarse."""
    ratio = 0.45 * 4.0**radius
    shares = [ratio**level for level in range(_LEVELS)]
    return tuple(share / sum(shares) for share in shares)
