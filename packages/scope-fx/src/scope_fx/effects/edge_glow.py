"""Edge glow: contours drawn in neon light over the darkened picture."""

import math
from typing import Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.blur import blur_pyramid, enlarge, gaussian_blur
from scope_gpu.image.color import luma
from scope_gpu.image.gradients import magnitude, scharr
from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Half the width of a line, as a share of the height.
_LINE = 1 / 400
# Shares of the halved, quartered, ... copies in the light around a line.
_GLOW = [0.35, 0.3, 0.2, 0.15]


class EdgeGlowFields(BaseModel):
    edge_glow: float = unit_slider("Edge glow", "Draw contours as neon light over the darkened picture")
    edge_glow_color: Literal["spectrum", "picture"] = choice(
        "Edge glow colour", "Colour lines by their direction, or as in the picture", "spectrum"
    )
    edge_glow_hue: float = unit_slider("Edge glow hue", "Turn the spectrum's colours; 1 is a full turn")
    edge_glow_background: float = unit_slider(
        "Edge glow background", "How much of the picture stays between the lines", 0.15
    )


class Numbers(NamedTuple):
    amount: float
    hue: float
    background: float


class EdgeGlow(Effect):
    """Draws contours as glowing lines; at amount 1 over the dimmed picture."""

    fields = EdgeGlowFields

    def variant(self, p: EdgeGlowFields, context: Context) -> str:
        return p.edge_glow_color

    def maps(self, size: tuple[int, int], device: torch.device, variant: str) -> str:
        return variant

    def numbers(self, p: EdgeGlowFields, context: Context) -> Numbers:
        return Numbers(p.edge_glow, math.tau * p.edge_glow_hue, p.edge_glow_background)

    def apply(self, frame: Tensor, n: Numbers, plan: str, memory: Memory) -> Tensor:
        across, down = scharr(gaussian_blur(luma(frame), frame.shape[-2] * _LINE))
        # Faint texture stays dark, strong lines end softly instead of clipping.
        lines = 1.0 - torch.exp(-60.0 * (magnitude(across, down) - 0.02).clamp(min=0.0))
        light = lines * (_spectrum(across, down, n.hue) if plan == "spectrum" else _vivid(frame))
        glow = enlarge(blur_pyramid(light, _GLOW), *frame.shape[-2:])
        neon = 1.0 - (1.0 - n.background * frame) * torch.exp(-1.6 * (light + 1.5 * glow))
        return torch.lerp(frame, neon, n.amount)


def _spectrum(across: Tensor, down: Tensor, hue: float) -> Tensor:
    """A colour for each direction, the same for a line's two sides; `hue` in radians."""
    angle = 2.0 * torch.atan2(down, across) + hue
    return torch.cat([0.55 + 0.45 * torch.cos(angle - math.tau * third) for third in (0.0, 1 / 3, 2 / 3)], dim=-3)


def _vivid(frame: Tensor) -> Tensor:
    """The picture's colours at full brightness, saturation raised."""
    brightest = frame.amax(dim=-3, keepdim=True).clamp(min=0.05)
    return (frame / brightest) ** 2
