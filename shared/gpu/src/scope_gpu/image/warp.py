"""Moving pixels: coordinates of a picture, and sampling it at others.

Coordinates are centred and square: the picture spans y in [-1, 1] downwards and x in [-aspect, aspect] to the right,
with pixel centres half a pixel inside. A rotation of them keeps shapes.
"""

import math
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F


def coordinates(height: int, width: int, device: torch.device | str) -> tuple[Tensor, Tensor]:
    """x as (1, W) and y as (H, 1), float32, so that they broadcast to (H, W)."""
    x = (torch.arange(width, device=device, dtype=torch.float32) * 2.0 + (1.0 - width)) / height
    y = (torch.arange(height, device=device, dtype=torch.float32) * 2.0 + (1.0 - height)) / height
    return x[None, :], y[:, None]


def rotate(x: Tensor, y: Tensor, turns: float) -> tuple[Tensor, Tensor]:
    """Turn points about the centre by `turns` (1 is a full circle), clockwise on the screen."""
    cos, sin = math.cos(math.tau * turns), math.sin(math.tau * turns)
    return x * cos - y * sin, x * sin + y * cos


def sample(batch: Tensor, x: Tensor, y: Tensor, outside: Literal["reflection", "border"] = "reflection") -> Tensor:
    """Read TCHW bilinearly at the points (x, y), each broadcastable to (H', W'); gives (T, C, H', W').

    Args:
        batch: the picture.
        x, y: coordinates as above.
        outside: what lies beyond the edge: the picture mirrored, or its edge repeated.
    """
    t, _, height, width = batch.shape
    x, y = torch.broadcast_tensors(x * (height / width), y)
    grid = torch.stack((x, y), dim=-1).expand(t, *x.shape, 2)
    return F.grid_sample(batch, grid, mode="bilinear", padding_mode=outside, align_corners=False)
