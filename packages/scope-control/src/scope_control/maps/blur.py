"""Low-pass."""

import math

from pydantic import BaseModel
from torch import Tensor

from scope_control.maps.base import REFERENCE_HEIGHT, ControlMap, Shot, Source
from scope_gpu.image.blur import gaussian_blur, grow, shrink
from scope_gpu.plugin.controls import slider


class BlurFields(BaseModel):
    control_blur_radius: float = slider(
        "Blur radius", "Of the blur map: sigma in 512ths of the picture's height", 12.0, 0.0, 64.0, order=12
    )


class Blur(ControlMap):
    """Colors and coarse forms: what ControlNet's "tile" and "blur" models are given."""

    name = "blur"
    fields = BlurFields

    def source(self, p: BlurFields, height: int) -> Source:
        times = halvings(p.control_blur_radius * height / REFERENCE_HEIGHT)
        # A Gaussian so wide leaves no noise.
        return Source(times, is_noisy=times == 0)

    def draw(self, shot: Shot, p: BlurFields) -> Tensor:
        height = shot.frames.shape[-2] << shot.halvings
        return coarse_blur(shot.frames, p.control_blur_radius * height / REFERENCE_HEIGHT, shot.halvings)


def low_pass(frames: Tensor, *, sigma: float) -> Tensor:
    """A Gaussian of `sigma` pixels, TCHW to TCHW in the range of the input; wide ones at a fraction of the size."""
    times = halvings(sigma)
    return grow(coarse_blur(shrink(frames, times), sigma, times), times, *frames.shape[-2:])


def halvings(sigma: float) -> int:
    """How often a picture may be halved, by means of two by two, before a Gaussian of `sigma` of its pixels."""
    return max(0, math.floor(math.log2(max(sigma, 1.0) / 2.0)))


def coarse_blur(halved: Tensor, sigma: float, times: int) -> Tensor:
    """What is still to blur of a picture that was `times` halved and will be enlarged again, TCHW.

    Args:
        sigma: in pixels of the picture at full size.
    """
    if times == 0:
        return gaussian_blur(halved, sigma)
    # Averaging squares and the way back blur as well: variances of a box and of a triangle, in small pixels.
    return gaussian_blur(halved, math.sqrt((sigma / 2**times) ** 2 - (1.0 - 4.0**-times) / 12.0 - 1.0 / 6.0))
