"""Low-pass."""

import math

from pydantic import BaseModel
from torch import Tensor

from scope_control.maps.base import ControlMap
from scope_gpu.image.blur import gaussian_blur, grow, shrink
from scope_gpu.plugin.controls import slider


class BlurFields(BaseModel):
    control_blur_radius: float = slider("Blur radius", "Of the blur map: sigma in pixels", 12.0, 0.0, 64.0, order=11)


class Blur(ControlMap):
    """Colours and coarse forms."""

    name = "blur"
    fields = BlurFields

    def draw(self, frames: Tensor, before: Tensor, p: BlurFields) -> Tensor:
        return low_pass(frames, sigma=p.control_blur_radius)


def low_pass(frames: Tensor, *, sigma: float) -> Tensor:
    """Colours and coarse forms without details: a Gaussian of `sigma` pixels, TCHW to TCHW in the range of the input.

    What ControlNet's "tile" and "blur" models are given. Wide Gaussians are applied at a fraction of the size.
    """
    times = max(0, math.floor(math.log2(max(sigma, 1.0) / 2.0)))
    if times == 0:
        return gaussian_blur(frames, sigma)
    # Averaging squares and the way back blur as well: variances of a box and of a triangle, in small pixels.
    remaining = (sigma / 2**times) ** 2 - (1.0 - 4.0**-times) / 12.0 - 1.0 / 6.0
    return grow(gaussian_blur(shrink(frames, times), math.sqrt(remaining)), times, *frames.shape[-2:])
