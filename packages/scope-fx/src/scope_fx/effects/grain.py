"""Film grain: noise that lives in the tones, strongest in darker middle greys, absent from black and white."""

import math
from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import gaussian_blur, gaussian_kernel
from scope_gpu.image.color import luma
from scope_gpu.image.hashing import hash_number, pcg3d
from scope_gpu.image.windows import window
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Standard deviation of the grain at amount 1 where it is strongest.
_STRENGTH = 0.12
# The side of the piece of film that a picture is laid on, somewhere else with every frame.
_TILE = 512
# Steps of the film's bytes to a standard deviation.
_FINE = 28.0
# Sizes are given in pixels of a picture of this height, and told apart in quarters of a pixel; a picture of less than
# half of it counts as one of half.
_HEIGHT = 720


class GrainFields(BaseModel):
    group: ClassVar[str] = "Signal"

    grain: float = unit_slider("Film grain", "Noise in the middle tones, as of film")
    grain_size: float = slider("Grain size", "Width of a grain in pixels of a picture 720 lines high", 1.4, 1.0, 4.0)
    grain_color: float = unit_slider("Grain color", "From gray to colored grain", 0.25)


class Numbers(NamedTuple):
    """`grey` and `color`: weights of grey and of colored noise. `strength`: standard deviation of the grain where it is
    strongest. `top`, `left`: where on the film the frame lies.
    """

    grey: float
    color: float
    strength: float
    top: float
    left: float


class Grain(Effect):
    """A piece of film with grain, made once; every frame lies at another place of it."""

    fields = GrainFields
    pointwise = True
    apply_only = frozenset({"strength", "top", "left"})

    def variant(self, p: GrainFields, context: Context) -> tuple[int, float]:
        pixels = max(1.0, p.grain_size * max(0.5, context.height / _HEIGHT))
        return context.seed, math.floor((pixels - 1.0) * 4.0 + 0.5) / 8.0

    def maps(self, size: tuple[int, int], device: torch.device, variant: tuple[int, float]) -> tuple[Tensor, int, int]:
        seed, sigma = variant
        return film(_TILE, device, seed, sigma), *size

    def numbers(self, p: GrainFields, context: Context) -> Numbers:
        grey, color = 1.0 - p.grain_color, p.grain_color
        # Grey and channel are correlated by 1 / sqrt(3).
        deviation = (grey**2 + color**2 + 2.0 * color * grey * 3.0**-0.5) ** 0.5
        top, left = (hash_number(context.index, axis, context.seed) % _TILE for axis in (0, 1))
        return Numbers(grey / deviation, color / deviation, _STRENGTH * p.grain, float(top), float(left))

    def plan(self, n: Numbers, maps: tuple[Tensor, int, int]) -> tuple[Tensor, int, int]:
        """The film, so large that a frame of some size may lie anywhere on its first tile. As bytes, for it costs the time
        that it takes to be read.
        """
        tile, height, width = maps
        mixed = (tile[:, 3:] * n.grey + tile[:, :3] * n.color).mul_(_FINE).round_().clamp_(-127.0, 127.0).to(torch.int8)
        laid_out = mixed.repeat(1, 1, -(-height // _TILE) + 1, -(-width // _TILE) + 1)
        return laid_out[..., : height + _TILE, : width + _TILE].contiguous(), height, width

    def beside(self, n: Numbers, plan: tuple[Tensor, int, int]) -> Tensor:
        film, height, width = plan
        return window(film, n.top, n.left, height, width)

    def apply(self, frame: Tensor, n: Numbers, plan: Tensor, memory: Memory) -> Tensor:
        weight = sensitivity(luma(frame), n.strength * (1.0 / _FINE))
        return frame.addcmul_(plan.to(torch.float32), weight).clamp_(0.0, 1.0)


def sensitivity(brightness: Tensor, peak: float | Tensor = 1.0) -> Tensor:
    """How visible grain is at a luma in [0, 1]: sqrt(l) (1 - l), scaled to `peak` where it is greatest, l = 1/3."""
    # Rounding may leave black a little below 0, which has no root.
    root = brightness.clamp(min=0.0).sqrt_()
    return root.addcmul_(root, brightness, value=-1.0).mul_(peak * (1.5 * 3.0**0.5))


def film(side: int, device: torch.device, seed: int, sigma: float) -> Tensor:
    """Noise of mean 0 and standard deviation 1 without a seam, (1, 4, side, side): red, green, blue, and grey of them.

    `sigma` is that of the Gaussian that makes the grains.
    """
    noise = _white(side, device, seed)
    if sigma > 0.0:
        reach = math.ceil(3.0 * sigma)
        wrapped = F.pad(noise, (reach, reach, reach, reach), mode="circular")
        # White noise keeps the square sum of the kernel as variance, once for each direction.
        kept = sum(weight * weight for weight in gaussian_kernel(sigma))
        noise = gaussian_blur(wrapped, sigma)[..., reach:-reach, reach:-reach] / kept
    # The sum of three independent uniform numbers is close to a Gaussian.
    return torch.cat((noise, noise.sum(dim=1, keepdim=True) * 3.0**-0.5), dim=1)


def _white(side: int, device: torch.device, seed: int) -> Tensor:
    place = torch.arange(side, device=device)
    # Only the low 32 bits count, and a large seed would not fit an int64.
    third = torch.full((), seed * 0x9E3779B1 & 0xFFFFFFFF, dtype=torch.int64, device=device)
    channels = torch.stack(pcg3d(place[None, :], place[:, None], third))[None]
    return ((channels >> 8).to(torch.float32) * 2.0**-24 - 0.5) * 12.0**0.5
