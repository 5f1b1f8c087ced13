"""Bloom: light that spills from highlights, as in a lens."""

import torch
from torch import Tensor

from scope_gpu.image.blur import blur_pyramid, enlarge
from scope_gpu.image.color import linear_to_srgb, srgb_to_linear

_LEVELS = 6
# How much light amount 1 spills, in units of the light above the threshold.
_STRENGTH = 6.0
# The width of the soft step at the threshold, in linear light.
_KNEE = 0.1


def bloom(frames: Tensor, amount: float, threshold: float, radius: float) -> Tensor:
    """Spread the light of highlights over TCHW in [0, 1].

    In linear light: what lies above the threshold is blurred at six scales and added as `1 - (1 - x) exp(-spill)`,
    which reaches white without clipping colours.

    Args:
        amount: 0 leaves the picture as it is.
        threshold: the display brightness in [0, 1] from which a pixel glows.
        radius: 0 a tight glow, 1 one as wide as a third of the picture.
    """
    if amount == 0.0:
        return frames
    light = srgb_to_linear(frames)
    spill = enlarge(blur_pyramid(highlights(light, threshold**2.2), _weights(radius)), *frames.shape[-2:])
    glowing = 1.0 - (1.0 - light) * torch.exp(spill * (-_STRENGTH * amount))
    return linear_to_srgb(glowing)


def highlights(light: Tensor, threshold: float) -> Tensor:
    """What of linear TCHW lies above `threshold`, hue kept; nothing below, with a quadratic knee in between."""
    peak = light.amax(dim=-3, keepdim=True)
    over = (peak - threshold).clamp_(min=0.0)
    above = torch.minimum(over * over / (2.0 * _KNEE), over)
    return light * (above / peak.clamp(min=1e-4))


def _weights(radius: float) -> list[float]:
    """Shares of the levels, fine to coarse, that sum to 1: a geometric series that tips over from fine to coarse."""
    ratio = 0.45 * 4.0**radius
    shares = [ratio**level for level in range(_LEVELS)]
    return [share / sum(shares) for share in shares]
