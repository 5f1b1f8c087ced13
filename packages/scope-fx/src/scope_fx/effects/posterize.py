"""Posterise: brightness in a few flat steps, colours kept."""

from typing import NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.color import luma
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory


class PosterizeFields(BaseModel):
    posterize: float = unit_slider("Posterise", "Flatten brightness into steps")
    posterize_levels: int = slider("Posterise levels", "Number of steps", 5, 2, 16)


class Numbers(NamedTuple):
    amount: float
    steps: float


class Posterize(Effect):
    """Reduces luma to steps; at amount 1 all is flat. The same is added to all three channels, which keeps the colour
    difference signals.
    """

    fields = PosterizeFields
    pointwise = True

    def numbers(self, p: PosterizeFields, context: Context) -> Numbers:
        return Numbers(p.posterize, p.posterize_levels - 1.0)

    def apply(self, frame: Tensor, n: Numbers, plan: None, memory: Memory) -> Tensor:
        brightness = luma(frame)
        flat = torch.round(brightness * n.steps) / n.steps
        return (frame + n.amount * (flat - brightness)).clamp_(0.0, 1.0)
