"""Edge glow: contours drawn in neon light over the darkened picture."""

import math

import torch
from torch import Tensor

from scope_gpu.image.blur import blur_pyramid, enlarge, gaussian_blur
from scope_gpu.image.color import luma
from scope_gpu.image.gradients import magnitude, scharr

# Half the width of a line, as a share of the height.
_LINE = 1 / 400
# Shares of the halved, quartered, ... copies in the light around a line.
_GLOW = [0.35, 0.3, 0.2, 0.15]


def edge_glow(frames: Tensor, amount: float, color: str, hue: float, background: float) -> Tensor:
    """Draw the contours of TCHW in [0, 1] as glowing lines.

    Args:
        amount: 0 leaves the picture as it is, 1 shows lines over the dimmed picture.
        color: "picture" takes the picture's own colours, "spectrum" colours lines by their direction.
        hue: turns the colours of "spectrum" around the colour circle, 1 is a full turn.
        background: how much of the picture stays between the lines.
    """
    if amount == 0.0:
        return frames
    across, down = scharr(gaussian_blur(luma(frames), frames.shape[-2] * _LINE))
    # Faint texture stays dark, strong lines end softly instead of clipping.
    lines = 1.0 - torch.exp(-60.0 * (magnitude(across, down) - 0.02).clamp(min=0.0))
    light = lines * (_spectrum(across, down, hue) if color == "spectrum" else _vivid(frames))
    glow = enlarge(blur_pyramid(light, _GLOW), *frames.shape[-2:])
    neon = 1.0 - (1.0 - background * frames) * torch.exp(-1.6 * (light + 1.5 * glow))
    return torch.lerp(frames, neon, amount)


def _spectrum(across: Tensor, down: Tensor, hue: float) -> Tensor:
    """A colour for each direction, the same for a line's two sides."""
    angle = 2.0 * torch.atan2(down, across) + math.tau * hue
    return torch.cat([0.55 + 0.45 * torch.cos(angle - math.tau * third) for third in (0.0, 1 / 3, 2 / 3)], dim=-3)


def _vivid(frames: Tensor) -> Tensor:
    """The picture's colours at full brightness, saturation raised."""
    brightest = frames.amax(dim=-3, keepdim=True).clamp(min=0.05)
    return (frames / brightest) ** 2
