"""Low-pass."""

import math

from pydantic import BaseModel
from torch import Tensor
from torch.nn import functional as F

from scope_control.maps.base import ControlMap
from scope_gpu.image.blur import gaussian_blur
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
    factor = 2 ** max(0, math.floor(math.log2(max(sigma, 1.0) / 2.0)))
    if factor == 1:
        return gaussian_blur(frames, sigma)
    height, width = frames.shape[-2:]
    padded = F.pad(frames, (0, -width % factor, 0, -height % factor), mode="replicate")
    # Averaging squares and the way back blur as well: variances of a box and of a triangle, in small pixels.
    remaining = (sigma / factor) ** 2 - (1.0 - factor**-2) / 12.0 - 1.0 / 6.0
    small = gaussian_blur(F.avg_pool2d(padded, factor), math.sqrt(remaining))
    return F.interpolate(small, scale_factor=float(factor), mode="bilinear")[..., :height, :width]
