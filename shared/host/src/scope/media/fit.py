"""Sizes and crops: how a picture of one shape fills another. Sizes are (width, height) in pixels.

Importing this module imports no torch.
"""

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

Size = tuple[int, int]


def square_pixel_size(size: Size, pixel_aspect: Fraction) -> Size:
    """The size with square pixels: the side that is short of them grows, so no stored pixel is lost."""
    width, height = size
    if pixel_aspect >= 1:
        return max(1, round(width * pixel_aspect)), height
    return width, max(1, round(height / pixel_aspect))


def cover_size(size: Size, target: Size) -> Size:
    """The smallest size of the same shape (to a pixel) that covers `target`."""
    scale = max(Fraction(target[0], size[0]), Fraction(target[1], size[1]))
    return max(target[0], round(size[0] * scale)), max(target[1], round(size[1] * scale))


def crop_center(pixels: "torch.Tensor", target: Size) -> "torch.Tensor":
    """The middle of (..., H, W, C) pixels, which cover `target`, as a view."""
    left = (pixels.shape[-2] - target[0]) // 2
    top = (pixels.shape[-3] - target[1]) // 2
    return pixels[..., top : top + target[1], left : left + target[0], :]


def cover(pixels: "torch.Tensor", target: Size) -> "torch.Tensor":
    """uint8 pixels (H, W, C) on the CPU, scaled to cover `target` and cropped at the centre; the same if they fit."""
    from torch.nn import functional as F

    height, width, _ = pixels.shape
    if (width, height) == target:
        return pixels
    columns, rows = cover_size((width, height), target)
    planes = pixels.permute(2, 0, 1)[None]
    scaled = F.interpolate(planes, size=(rows, columns), mode="bilinear", antialias=True)
    return crop_center(scaled[0].permute(1, 2, 0), target).contiguous()
