"""Edge glow: contours drawn in neon light over the darkened picture."""

import math
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.flow import coherence
from scope_fx.effects.scales import halved, halvings_to, regrown, shifted
from scope_gpu.image.blur import Growing, blur_pyramid, gaussian_blur, grow, shrink
from scope_gpu.image.color import luma, mix_channels
from scope_gpu.image.gradients import magnitude, scharr
from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Lines are looked for in a picture about so many lines high, whatever the size: equally strong and wide in all.
_HEIGHT = 360
# The least of that share: a line is no thinner than its pixels.
_LEAST = 0.7
# Contrast, in display values between both sides of a line, from which it shows, and at which it is full.
_FAINT, _FULL = 0.05, 0.2
# How far slopes agree, from noise to a line, and over how many pixels.
_NOISE, _LINE, _REACH = 0.45, 0.75, 2.5
# Shares of the halved, quartered, ... copies in the light around a line.
_GLOW = [0.35, 0.3, 0.2, 0.15]


class EdgeGlowFields(BaseModel):
    group: ClassVar[str] = "Light"

    edge_glow: float = unit_slider("Edge glow", "Draw contours as neon light over the darkened picture")
    edge_glow_color: Literal["spectrum", "picture"] = choice(
        "Edge glow color", "Color lines by their direction, or as in the picture", "spectrum"
    )
    edge_glow_hue: float = unit_slider("Edge glow hue", "Turn the spectrum's colors; 1 is a full turn")
    edge_glow_background: float = unit_slider(
        "Edge glow background", "How much of the picture stays between the lines", 0.15
    )


class Numbers(NamedTuple):
    amount: float
    hue: float
    background: float


class Plan(NamedTuple):
    """`scale`: lines of the picture that contours are looked for in, to those that all widths are stated for."""

    color: str
    halvings: int
    scale: float


class EdgeGlow(Effect):
    """Draws contours as glowing lines; at amount 1 over the dimmed picture."""

    fields = EdgeGlowFields
    pointwise = True
    looks = True
    keeps_state = False

    def variant(self, p: EdgeGlowFields, context: Context) -> str:
        return p.edge_glow_color

    def maps(self, size: tuple[int, int], device: torch.device, variant: str) -> Plan:
        halvings = halvings_to(size[0], _HEIGHT)
        return Plan(variant, halvings, max(_LEAST, size[0] / 2.0**halvings / _HEIGHT))

    def numbers(self, p: EdgeGlowFields, context: Context) -> Numbers:
        return Numbers(p.edge_glow, math.tau * p.edge_glow_hue, p.edge_glow_background)

    def look(self, frame: Tensor, n: Numbers, plan: Plan, memory: Memory) -> Tensor | Growing:
        """The darkness between the lines, a share `amount` of it."""
        light = draw(halved(frame, plan.halvings), plan.color, n.hue, plan.scale)
        # Light upon light reaches white without clipping colors.
        dark = (light + around(light, plan.scale)).mul_(-2.2).exp_().mul_(n.amount)
        return regrown(dark, plan.halvings, *frame.shape[-2:])

    def apply(self, frame: Tensor, n: Numbers, plan: Tensor, memory: Memory) -> Tensor:
        # The mix of the picture and 1 - dark (1 - background picture), in the order that needs least.
        return frame.mul_((plan * n.background).add_(1.0 - n.amount)).add_(n.amount).sub_(plan)


def around(light: Tensor, scale: float) -> Tensor:
    """The glow around lines of light, TCHW."""
    half = shrink(light)
    own, *others = shifted(_GLOW, math.log2(scale))
    spread = blur_pyramid(half, others, size=half.shape[-2:]).add_(half, alpha=own)
    return grow(spread, 1, *light.shape[-2:])


def draw(frame: Tensor, color: str, hue: float, scale: float) -> Tensor:
    """Contours of TCHW [0, 1] as lines of light on black, T3HW in [0, 1]."""
    # The root lifts what lies in the shadows, and leaves the contrast of bright things as it is.
    across, down = scharr(gaussian_blur(luma(frame).clamp_(min=0.0).sqrt_(), 0.8 * scale))
    slope = magnitude(across, down)
    # The blur spreads a step over some three pixels.
    contrast = (slope * (3.0 * scale) - _FAINT) / (_FULL - _FAINT)
    sure = (coherence(across, down, _REACH * scale) - _NOISE) / (_LINE - _NOISE)
    lines = contrast.clamp_(0.0, 1.0).square_().mul_(sure.clamp_(0.0, 1.0))
    return _spectrum(across, down, slope, lines, hue) if color == "spectrum" else lines * _vivid(frame)


def _spectrum(across: Tensor, down: Tensor, slope: Tensor, lines: Tensor, hue: float) -> Tensor:
    """Lines in a color for each direction, the same for a line's two sides; `hue` in radians.

    The cosine and sine of twice the angle come from the slopes themselves, without an arc tangent.
    """
    share = lines / slope.square().clamp_(min=1e-12)
    cos, sin = (across * across - down * down) * share, across * down * share
    turn = torch.as_tensor(hue, dtype=slope.dtype, device=slope.device)
    angles = [turn - math.tau * third for third in (0.0, 1 / 3, 2 / 3)]
    matrix = [(torch.full_like(turn, 0.55), 0.45 * torch.cos(a), -0.9 * torch.sin(a)) for a in angles]
    return mix_channels(torch.cat((lines, cos, sin), dim=-3), matrix)


def _vivid(frame: Tensor) -> Tensor:
    """The picture's colors at full brightness, saturation raised."""
    brightest = frame.amax(dim=-3, keepdim=True).clamp(min=0.05)
    return (frame / brightest) ** 2
