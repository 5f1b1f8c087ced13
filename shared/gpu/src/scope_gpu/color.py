"""Colour: transfer curves and luma. Every function takes and returns (..., 3, H, W) floats unless it says otherwise."""

import torch
from torch import Tensor

REC709_LUMA = (0.2126, 0.7152, 0.0722)


def luma(rgb: Tensor) -> Tensor:
    """Rec. 709 luma of (..., 3, H, W) as (..., 1, H, W), in the range of the input (ITU-R BT.709)."""
    red, green, blue = rgb.split(1, dim=-3)
    return REC709_LUMA[0] * red + REC709_LUMA[1] * green + REC709_LUMA[2] * blue


def srgb_to_linear(srgb: Tensor) -> Tensor:
    """Display values in [0, 1] to linear light in [0, 1] (IEC 61966-2-1)."""
    return torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb.clamp(min=0.0) + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(linear: Tensor) -> Tensor:
    """Linear light in [0, 1] to display values in [0, 1] (IEC 61966-2-1)."""
    curve = 1.055 * linear.clamp(min=0.0) ** (1.0 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, linear * 12.92, curve)
