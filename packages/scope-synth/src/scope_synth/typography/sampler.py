"""Looking text up at any position without shimmer."""

import torch
from torch import Tensor
from torch.nn import functional as F


def sample(ink: Tensor, across: Tensor, down: Tensor, pixels: float) -> Tensor:
    """Coverage of a texture of text at any positions; outside there is none.

    Args:
        ink: HW in [0, 1].
        across, down: HW; -1 is the left or upper edge of the texture, 1 the right or lower one.
        pixels: how many pixels high the texture appears, about. One higher than that is averaged down first.
    """
    texture = ink[None, None]
    if ink.shape[0] > pixels:
        size = tuple(max(1, round(side * pixels / ink.shape[0])) for side in ink.shape)
        texture = F.interpolate(texture, size=size, mode="bilinear", antialias=True)
    where = torch.stack((across, down), dim=-1)[None]
    return F.grid_sample(texture, where, mode="bilinear", padding_mode="zeros", align_corners=False)[0, 0]
