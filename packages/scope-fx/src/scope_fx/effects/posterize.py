"""Posterize: a picture painted in a few flat tones."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.blur import Growing, gaussian_blur, growing, shrink
from scope_gpu.image.color import luma
from scope_gpu.image.smooth import kuwahara
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# The share of a step over which one tone turns into the next.
_SOFT = 0.16
# A radius of the smoothing, at half size, to so many lines.
_HEIGHT = 300
_FLOOR = 1e-3


class PosterizeFields(BaseModel):
    group: ClassVar[str] = "Print"

    posterize: float = unit_slider("Posterize", "Flatten brightness into steps")
    posterize_levels: int = slider("Posterize levels", "Number of steps", 5, 2, 16)


class Numbers(NamedTuple):
    amount: float
    steps: float


class Posterize(Effect):
    """Tones are smoothed up to the edges of things (Kuwahara) and fall into steps that look equally far apart.

    Colors keep their hue and saturation.
    """

    fields = PosterizeFields
    pointwise = True
    looks = True
    keeps_state = False

    def maps(self, size: tuple[int, int], device: torch.device, variant: None) -> int:
        return max(1, round(size[0] / _HEIGHT))

    def numbers(self, p: PosterizeFields, context: Context) -> Numbers:
        return Numbers(p.posterize, p.posterize_levels - 1.0)

    def look(self, frame: Tensor, n: Numbers, plan: int, memory: Memory) -> tuple[Tensor | Growing, Tensor]:
        """Brightness in steps times the amount, and brightness itself."""
        # Rounding may leave black a little below 0, which has no root, and it has no color to keep.
        bright = luma(frame).clamp_(min=_FLOOR)
        # The squares of the filter leave corners, which a little blur rounds off.
        calm = gaussian_blur(kuwahara(shrink(bright), plan), 0.7 * plan)
        return growing(to_steps(calm, n.steps).mul_(n.amount), 1, *frame.shape[-2:]), bright

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor, Tensor], memory: Memory) -> Tensor:
        tones, bright = plan
        return frame.mul_((tones / bright).add_(1.0 - n.amount)).clamp_(0.0, 1.0)


def to_steps(brightness: Tensor, steps: float) -> Tensor:
    """Luma in [0, 1] to one of `steps` + 1 tones, with a narrow ramp between two of them.

    The scale on which steps are even is the mean of luma and its square root: within 0.04 of lightness in OKLab, the
    cube root of linear light, and turned back without a power.
    """
    place = (brightness + brightness.sqrt()).mul_(0.5 * steps)
    below = place.floor()
    ramp = place.sub_(below).sub_(0.5).mul_(1.0 / _SOFT).add_(0.5).clamp_(0.0, 1.0)
    tone = below.add_(ramp).div_(steps)
    return (tone.mul_(8.0).add_(1.0).sqrt_().sub_(1.0).mul_(0.5)).square_()
