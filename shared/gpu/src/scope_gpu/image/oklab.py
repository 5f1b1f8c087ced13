"""OKLab: a colour space in which equal steps look equally large (Björn Ottosson, "A perceptual color space for image
processing", 2020).
"""

import torch
from torch import Tensor

from scope_gpu.image.color import Matrix, linear_to_srgb, mix_channels, srgb_to_linear

_LMS_OF_RGB: Matrix = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_LAB_OF_LMS: Matrix = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_RGB_OF_LMS: Matrix = torch.linalg.inv(torch.tensor(_LMS_OF_RGB, dtype=torch.float64)).tolist()
_LMS_OF_LAB: Matrix = torch.linalg.inv(torch.tensor(_LAB_OF_LMS, dtype=torch.float64)).tolist()


def srgb_to_oklab(srgb: Tensor) -> Tensor:
    """(..., 3, H, W) sRGB in [0, 1] to OKLab: lightness in [0, 1], a and b within about [-0.4, 0.4]."""
    lms = mix_channels(srgb_to_linear(srgb), _LMS_OF_RGB)
    return mix_channels(lms.clamp(min=0.0) ** (1.0 / 3.0), _LAB_OF_LMS)


def oklab_to_srgb(lab: Tensor) -> Tensor:
    """OKLab to (..., 3, H, W) sRGB; colours outside the gamut leave [0, 1]."""
    return linear_to_srgb(mix_channels(mix_channels(lab, _LMS_OF_LAB) ** 3, _RGB_OF_LMS))


def turn_hue(rgb: Tensor, cos: float | Tensor, sin: float | Tensor) -> Tensor:
    """Turn the hue of display values (..., 3, H, W) in [0, 1] by an angle, given by cosine and sine, red towards yellow.

    A rotation of OKLab's a and b, which keeps lightness and chroma; colours that leave the gamut are clamped. Display
    values are taken for the square root of light, which spares the powers of the exact curve.
    """
    lms = mix_channels(rgb * rgb, _LMS_OF_RGB).clamp_(min=0.0).pow_(1.0 / 3.0)
    lightness, a, b = mix_channels(lms, _LAB_OF_LMS).split(1, dim=-3)
    turned = torch.cat((lightness, a * cos - b * sin, a * sin + b * cos), dim=-3)
    light = mix_channels(mix_channels(turned, _LMS_OF_LAB) ** 3, _RGB_OF_LMS)
    return light.clamp_(0.0, 1.0).sqrt_()
