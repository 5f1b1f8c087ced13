"""Looking text up at any position without shimmer."""

import torch
from torch import Tensor
from torch.nn import functional as F


def sample(ink: Tensor, across: Tensor, down: Tensor, pixels: float, size: float = 1.0) -> Tensor:
    """Coverage of a texture of text at any positions; outside there is none.

    Args:
        ink: HW in [0, 1].
        across, down: HW; -1 is the left or upper edge of the texture, 1 the right or lower one.
        pixels: how many pixels high the texture appears, about. One higher than that is averaged down first.
        size: divides the positions.
    """
    texture = ink[None, None]
    if ink.shape[0] > pixels:
        sides = tuple(max(1, round(side * pixels / ink.shape[0])) for side in ink.shape)
        texture = F.interpolate(texture, size=sides, mode="bilinear", antialias=True)
    where = torch.empty((1, *across.shape, 2), device=ink.device)
    for axis, place in enumerate((across, down)):
        torch.mul(place, 1.0 / size, out=where[0, ..., axis])
    return F.grid_sample(texture, where, mode="bilinear", padding_mode="zeros", align_corners=False)[0, 0]
