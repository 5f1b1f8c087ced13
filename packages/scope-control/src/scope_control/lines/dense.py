"""Lines on a GPU: the same work for every pixel of every picture, and never a question to the device."""

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_control.lines.ridges import is_ridge, ways


def ridges(dx: Tensor, dy: Tensor, strength: Tensor) -> Tensor:
    """Which pixels are ridges of `strength` across the gradient: non-maximum suppression (Canny, 1986), T1HW bool.

    The two neighbours along the gradient are interpolated between the pixels around. Beyond the picture's edge the
    strength is 0.
    """
    height, width = strength.shape[-2:]
    padded = F.pad(strength, (1, 1, 1, 1))

    def at(down: int, right: int) -> Tensor:
        return padded[..., 1 + down : 1 + down + height, 1 + right : 1 + right + width]

    flat, falling, slant = ways(dx, dy)
    rising_ahead, rising_behind = torch.where(flat, at(-1, 1), at(1, -1)), torch.where(flat, at(1, -1), at(-1, 1))
    ahead = torch.where(falling, at(1, 1), rising_ahead)
    behind = torch.where(falling, at(-1, -1), rising_behind)
    ahead = torch.lerp(torch.where(flat, at(0, 1), at(1, 0)), ahead, slant)
    behind = torch.lerp(torch.where(flat, at(0, -1), at(-1, 0)), behind, slant)
    return is_ridge(strength, ahead, behind)


def spread(strong: Tensor, weak: Tensor, steps: int) -> Tensor:
    """Repeated 3 x 3 dilation inside the weak pixels, T1HW bool: two kernels a step.

    A flood fill wherever no chain of weak pixels is longer than `steps`.
    """
    kept, limit = strong.to(torch.float16), weak.to(torch.float16)
    for _ in range(steps):
        kept = F.max_pool2d(kept, 3, stride=1, padding=1).mul_(limit)
    return kept.bool()
