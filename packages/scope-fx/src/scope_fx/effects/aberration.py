"""Chromatic aberration: a lens that bends red less and blue more, growing towards the edges."""

import torch
from torch import Tensor

from scope_gpu.image.warp import coordinates, sample

# How far amount 1 moves a corner, as a share of its distance from the centre.
_REACH = 0.06
# The wavelengths of red; those of blue lie opposite, and the lens is in focus for green.
_RED = (-1.0, -2 / 3, -1 / 3)


def aberration(frames: Tensor, amount: float) -> Tensor:
    """Fringe the colours of TCHW in [0, 1]; amount 0 leaves the picture as it is.

    Red and blue gather three wavelengths each, read at 1 + s r^2 times their distance from the centre, so that edges smear
    into a spectrum instead of splitting into ghosts. Green and the centre stay sharp.
    """
    if amount == 0.0:
        return frames
    x, y = coordinates(*frames.shape[-2:], frames.device)
    corner = (frames.shape[-1] / frames.shape[-2]) ** 2 + 1.0
    bend = (x * x + y * y) * (_REACH * amount / corner)
    red, green, blue = frames.split(1, dim=-3)
    return torch.cat((_smear(red, x, y, bend), green, _smear(blue, x, y, -bend)), dim=-3)


def _smear(plane: Tensor, x: Tensor, y: Tensor, bend: Tensor) -> Tensor:
    total = torch.zeros_like(plane)
    for wavelength in _RED:
        scale = 1.0 + bend * wavelength
        total.add_(sample(plane, x * scale, y * scale, outside="border"), alpha=1.0 / len(_RED))
    return total
