"""Bloom: light that spills from highlights, as in a lens."""

from typing import NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.blur import blur_pyramid, enlarge
from scope_gpu.image.color import linear_to_srgb, srgb_to_linear
from scope_gpu.plugin.controls import unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

_LEVELS = 6
# How much light amount 1 spills, in units of the light above the threshold.
_STRENGTH = 6.0
# The width of the soft step at the threshold, in linear light.
_KNEE = 0.1


class BloomFields(BaseModel):
    bloom: float = unit_slider("Bloom", "Light that spills from highlights")
    bloom_threshold: float = unit_slider("Bloom threshold", "Brightness from which pixels glow", 0.7)
    bloom_radius: float = unit_slider("Bloom radius", "From a tight glow to a wide haze", 0.5)


class Numbers(NamedTuple):
    """`threshold` in linear light; `weights` of the scales, fine to coarse, that sum to 1."""

    amount: float
    threshold: float
    weights: tuple[float, ...]


class Bloom(Effect):
    """In linear light: what lies above the threshold is blurred at six scales and added as `1 - (1 - x) exp(-spill)`,
    which reaches white without clipping colours.
    """

    fields = BloomFields

    def numbers(self, p: BloomFields, context: Context) -> Numbers:
        return Numbers(p.bloom, p.bloom_threshold**2.2, _weights(p.bloom_radius))

    def apply(self, frame: Tensor, n: Numbers, plan: None, memory: Memory) -> Tensor:
        light = srgb_to_linear(frame)
        spill = enlarge(blur_pyramid(highlights(light, n.threshold), n.weights), *frame.shape[-2:])
        glowing = 1.0 - (1.0 - light) * torch.exp(spill * (-_STRENGTH * n.amount))
        return linear_to_srgb(glowing)


def highlights(light: Tensor, threshold: float) -> Tensor:
    """What of linear TCHW lies above `threshold`, hue kept; nothing below, with a quadratic knee in between."""
    peak = light.amax(dim=-3, keepdim=True)
    over = (peak - threshold).clamp_(min=0.0)
    above = torch.minimum(over * over / (2.0 * _KNEE), over)
    return light * (above / peak.clamp(min=1e-4))


def _weights(radius: float) -> tuple[float, ...]:
    """A geometric series that tips over from fine to coarse."""
    ratio = 0.45 * 4.0**radius
    shares = [ratio**level for level in range(_LEVELS)]
    return tuple(share / sum(shares) for share in shares)
