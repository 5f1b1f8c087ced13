"""Bump light: the picture as a relief under a lamp."""

import math
from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.gaussian import halvings, kernel, soften
from scope_gpu.image.color import luma
from scope_gpu.image.gradients import scharr
from scope_gpu.plugin.controls import unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Sigma that smooths the relief as a share of the height at size 0, and how many times as much it is at size 1.
_FINEST, _RANGE = 0.001, 30.0
# How high the relief is at amount 1, in units of half the height, and how high the lamp stands.
_HEIGHT, _LAMP = 0.05, 0.9
_SHINE = 1.1


class BumpFields(BaseModel):
    group: ClassVar[str] = "Light"

    bump: float = unit_slider("Bump light", "Light the picture as a relief, whose bright parts are high")
    bump_turn: float = unit_slider(
        "Bump light turn", "Where the lamp stands: 0 is above, a quarter to the right, in turns", 0.88
    )
    bump_size: float = unit_slider("Bump light size", "From the finest detail to large forms", 0.35)
    bump_shine: float = unit_slider("Bump light shine", "From chalk to wet paint", 0.45)


class Numbers(NamedTuple):
    """`slope`: from luma a pixel to the slope of the relief. `right`, `down`: the way to the lamp, a unit vector with `up`;
    the same with `half_`, halfway to the eye.
    """

    amount: float
    slope: float
    shine: float
    right: float
    down: float
    up: float
    half_right: float
    half_down: float
    half_up: float
    weights: tuple[float, ...]


class Bump(Effect):
    """Normals come from the slopes of smoothed luma; light is Lambert's, and a highlight Blinn's (Blinn, "Models of light
    reflection for computer synthesized pictures", 1977). What is flat keeps its brightness.
    """

    fields = BumpFields
    pointwise = True
    looks = True
    keeps_state = False

    def variant(self, p: BumpFields, context: Context) -> int:
        return halvings(_sigma(p, context))

    def maps(self, size: tuple[int, int], device: torch.device, variant: int) -> int:
        return variant

    def numbers(self, p: BumpFields, context: Context) -> Numbers:
        sigma, angle = _sigma(p, context), math.tau * p.bump_turn
        length = math.hypot(1.0, _LAMP)
        lamp = (math.sin(angle) / length, -math.cos(angle) / length, _LAMP / length)
        middle = math.hypot(lamp[0], lamp[1], lamp[2] + 1.0)
        # Large forms are flatter to a pixel: they are raised as much as they are wider.
        slope = _HEIGHT * 0.5 * context.height * _RANGE ** (0.5 * p.bump_size)
        half = (lamp[0] / middle, lamp[1] / middle, (lamp[2] + 1.0) / middle)
        return Numbers(
            p.bump, slope * p.bump, _SHINE * p.bump_shine * p.bump, *lamp, *half, kernel(sigma, halvings(sigma))
        )

    def look(self, frame: Tensor, n: Numbers, plan: int, memory: Memory) -> tuple[Tensor, Tensor]:
        """How much the relief leans across and down."""
        return scharr(soften(luma(frame), n.weights, plan))

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor, Tensor], memory: Memory) -> Tensor:
        across, down = (slope * n.slope for slope in plan)
        length = torch.rsqrt(across * across + down * down + 1.0)
        diffuse = (n.up - across * n.right - down * n.down) * length / n.up
        toward = ((n.half_up - across * n.half_right - down * n.half_down) * length).clamp_(0.0, 1.0)
        # To the power of 32, less what a flat place reflects.
        gloss = (_power(toward) - n.half_up**32).clamp_(min=0.0) * n.shine
        return (frame * diffuse.clamp_(min=0.0)).add_(gloss * (1.0 - frame)).clamp_(0.0, 1.0)


def _sigma(p: BumpFields, context: Context) -> float:
    return max(0.6, _FINEST * _RANGE**p.bump_size * context.height)


def _power(base: Tensor) -> Tensor:
    """To the power of 32, by squares."""
    for _ in range(5):
        base = base * base
    return base
