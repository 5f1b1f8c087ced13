"""Film grain: noise that lives in the tones, strongest in darker middle greys, absent from black and white."""

from typing import NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.blur import gaussian_blur, gaussian_kernel
from scope_gpu.image.color import luma
from scope_gpu.image.hashing import pcg3d
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Standard deviation of the grain at amount 1 where it is strongest.
_STRENGTH = 0.12


class GrainFields(BaseModel):
    grain: float = unit_slider("Film grain", "Noise in the middle tones, as of film")
    grain_size: float = slider("Grain size", "Width of a grain in pixels", 1.4, 1.0, 4.0)
    grain_color: float = unit_slider("Grain colour", "From grey to coloured grain", 0.25)


class Numbers(NamedTuple):
    """`strength`: standard deviation. `grey` and `color`: weights of grey and of coloured noise."""

    strength: float
    grey: float
    color: float


class Grain(Effect):
    """Every frame has grain of its own."""

    fields = GrainFields

    def variant(self, p: GrainFields, context: Context) -> tuple[int, int, float]:
        return context.seed, context.index, 0.5 * (p.grain_size - 1.0)

    def maps(self, size: tuple[int, int], device: torch.device, variant: tuple[int, int, float]) -> Tensor:
        seed, index, sigma = variant
        noise = white_noise(size, device, seed, index)
        # White noise keeps the square sum of the kernel as variance, once for each direction.
        return gaussian_blur(noise, sigma) / sum(w * w for w in gaussian_kernel(sigma)) if sigma > 0.0 else noise

    def numbers(self, p: GrainFields, context: Context) -> Numbers:
        grey, color = 1.0 - p.grain_color, p.grain_color
        # Grey and channel are correlated by 1 / sqrt(3).
        deviation = (grey**2 + color**2 + 2.0 * color * grey * 3.0**-0.5) ** 0.5
        return Numbers(_STRENGTH * p.grain, grey / deviation, color / deviation)

    def plan(self, n: Numbers, maps: Tensor) -> Tensor:
        # The sum of three independent uniform numbers is close to a Gaussian.
        return maps.sum(dim=1, keepdim=True) * (n.grey * 3.0**-0.5) + maps * n.color

    def apply(self, frame: Tensor, n: Numbers, plan: Tensor, memory: Memory) -> Tensor:
        return (frame + plan * sensitivity(luma(frame)) * n.strength).clamp_(0.0, 1.0)


def sensitivity(brightness: Tensor) -> Tensor:
    """How visible grain is at a luma in [0, 1]: sqrt(l) (1 - l), scaled to 1 at its peak, l = 1/3."""
    # Rounding may leave black a little below 0, which has no root.
    return brightness.clamp(min=0.0).sqrt() * (1.0 - brightness) * (1.5 * 3.0**0.5)


def white_noise(size: tuple[int, int], device: torch.device, seed: int, index: int) -> Tensor:
    """Uniform white noise 13HW of mean 0 and standard deviation 1, another for each index."""
    y, x = (torch.arange(side, device=device) for side in size)
    number = torch.full((), index + (seed * 0x9E3779B1 & 0xFFFFFFFF), dtype=torch.int64, device=device)
    channels = torch.stack(pcg3d(x[None, :], y[:, None], number))[None]
    return ((channels >> 8).to(torch.float32) * 2.0**-24 - 0.5) * 12.0**0.5
