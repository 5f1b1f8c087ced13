"""Sharpen: more contrast in fine detail, or from place to place."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.gaussian import halvings, kernel, soften
from scope_gpu.image.color import luma
from scope_gpu.plugin.controls import unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Sigma as a share of the height at radius 0, and how many times as much it is at radius 1.
_FINEST, _RANGE = 0.0014, 32.0
# In pixels: there is no finer detail.
_LEAST = 0.7
# How many times as strong detail becomes at amount 1, and the change of luma beyond which it is held back; what is fainter
# than noise is left alone.
_GAIN, _LIMIT, _NOISE = 2.5, 0.2, 0.02


class SharpenFields(BaseModel):
    group: ClassVar[str] = "Lens"

    sharpen: float = unit_slider("Sharpen", "Bring out detail")
    sharpen_radius: float = unit_slider("Sharpen radius", "From the finest detail to contrast from place to place", 0.2)


class Numbers(NamedTuple):
    gain: float
    weights: tuple[float, ...]


class Sharpen(Effect):
    """An unsharp mask of luma, so that no color fringes come, which tends to a limit, so that no halos do, and to nothing where
    it is as faint as noise.
    """

    fields = SharpenFields
    pointwise = True
    looks = True
    keeps_state = False

    def variant(self, p: SharpenFields, context: Context) -> int:
        return halvings(_sigma(p, context))

    def maps(self, size: tuple[int, int], device: torch.device, variant: int) -> int:
        return variant

    def numbers(self, p: SharpenFields, context: Context) -> Numbers:
        sigma = _sigma(p, context)
        return Numbers(_GAIN * p.sharpen, kernel(sigma, halvings(sigma)))

    def look(self, frame: Tensor, n: Numbers, plan: int, memory: Memory) -> Tensor:
        """What is added to each channel."""
        tone = luma(frame)
        detail = tone - soften(tone, n.weights, plan)
        power = detail * detail
        held = detail.abs().mul_(1.0 / _LIMIT).add_(1.0).mul_(power + _NOISE * _NOISE)
        return power.mul_(detail).mul_(n.gain).div_(held)

    def apply(self, frame: Tensor, n: Numbers, plan: Tensor, memory: Memory) -> Tensor:
        return frame.add_(plan).clamp_(0.0, 1.0)


def _sigma(p: SharpenFields, context: Context) -> float:
    return max(_LEAST, _FINEST * _RANGE**p.sharpen_radius * context.height)
