"""Vignette: darkness that grows towards the corners."""

from torch import Tensor

from scope_gpu.image.warp import coordinates


def vignette(frames: Tensor, amount: float, size: float) -> Tensor:
    """Darken the corners of TCHW in [0, 1].

    The light falls by the fourth power of the cosine of the angle to a lens's axis (Kingslake, "Optics in Photography",
    1992), here 1 / (1 + (r / f)^2)^2 with r = 1 in the corners.

    Args:
        amount: 0 leaves the picture as it is, 1 takes all that the lens would.
        size: the focal length: how much of the picture stays bright, 0 little, 1 nearly all.
    """
    if amount == 0.0:
        return frames
    height, width = frames.shape[-2:]
    x, y = coordinates(height, width, frames.device)
    focal = 0.5 + 1.5 * size
    radius_squared = (x * x + y * y) / (1.0 + (width / height) ** 2)
    falloff = (1.0 + radius_squared / focal**2) ** -2.0
    return frames * (1.0 + amount * (falloff - 1.0))
