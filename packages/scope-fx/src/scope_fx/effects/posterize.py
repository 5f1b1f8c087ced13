"""Posterize: a picture painted in a few flat tones."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.evening import evened
from scope_fx.effects.exposure import exposure
from scope_fx.effects.scales import halved, halvings_to, regrown
from scope_gpu.image.blur import Growing, gaussian_blur
from scope_gpu.image.color import luma
from scope_gpu.image.smooth import kuwahara
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# The share of a step over which one tone turns into the next.
_SOFT = 0.1
# Areas are looked for in a picture about so many lines high, and smoothed over so many of its pixels.
_HEIGHT, _RADIUS, _ROUND = 360, 2, 0.9
# The contrast within an area that makes no tone of its own.
_EVEN = 0.04
# What is darker is noise of a sensor rather than color, and turns gray.
_DARK = 0.07


class PosterizeFields(BaseModel):
    group: ClassVar[str] = "Print"

    posterize: float = unit_slider("Posterize", "Flatten brightness into steps")
    posterize_levels: int = slider("Posterize levels", "Number of steps", 5, 2, 16)


class Numbers(NamedTuple):
    amount: float
    steps: float


class Posterize(Effect):
    """Tones are smoothed up to the edges of things (Kuwahara) and fall into steps that look equally far apart.

    Colors keep their hue and saturation, but for the darkest, whose color is mostly noise.
    """

    fields = PosterizeFields
    pointwise = True
    looks = True
    keeps_state = False

    def maps(self, size: tuple[int, int], device: torch.device, variant: None) -> int:
        return halvings_to(size[0], _HEIGHT)

    def numbers(self, p: PosterizeFields, context: Context) -> Numbers:
        return Numbers(p.posterize, p.posterize_levels - 1.0)

    def look(self, frame: Tensor, n: Numbers, plan: int, memory: Memory) -> tuple[Tensor | Growing, Tensor]:
        """Brightness in steps times the amount, and brightness itself."""
        # Rounding may leave black a little below 0, which has no root.
        bright = luma(frame).clamp_(min=0.0)
        # The squares of the filter leave corners, which a little blur rounds off.
        calm = evened(gaussian_blur(kuwahara(halved(bright, plan), _RADIUS), _ROUND), _EVEN)
        # What counts as white: two tones of a dark picture are not both black.
        level = exposure(calm)
        tones = to_steps((calm / level).clamp_(0.0, 1.0), n.steps)
        return regrown(tones.mul_(level * n.amount), plan, *frame.shape[-2:]), bright

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor, Tensor], memory: Memory) -> Tensor:
        tones, bright = plan
        gain = tones * bright / (bright * bright).add_(_DARK * _DARK)
        gray = torch.addcmul(tones, gain, bright, value=-1.0)
        return torch.addcmul(gray, frame, gain.add_(1.0 - n.amount), out=frame).clamp_(0.0, 1.0)


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
