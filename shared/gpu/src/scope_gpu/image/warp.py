"""Moving pixels: coordinates of a picture, and sampling it at others.

Coordinates are centred and square: the picture spans y in [-1, 1] downwards and x in [-aspect, aspect] to the right,
with pixel centres half a pixel inside. A rotation of them keeps shapes.
"""

import math
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

type Outside = Literal["reflection", "border"]


def coordinates(height: int, width: int, device: torch.device | str) -> tuple[Tensor, Tensor]:
    """x as (1, W) and y as (H, 1), float32, so that they broadcast to (H, W)."""
    x = (torch.arange(width, device=device, dtype=torch.float32) * 2.0 + (1.0 - width)) / height
    y = (torch.arange(height, device=device, dtype=torch.float32) * 2.0 + (1.0 - height)) / height
    return x[None, :], y[:, None]


def rotate(x: Tensor, y: Tensor, turns: float) -> tuple[Tensor, Tensor]:
    """Turn points about the centre by `turns` (1 is a full circle), clockwise on the screen."""
    return turned(x, y, math.cos(math.tau * turns), math.sin(math.tau * turns))


def turned(x: Tensor, y: Tensor, cos: float | Tensor, sin: float | Tensor) -> tuple[Tensor, Tensor]:
    """As `rotate`, by cosine and sine of the angle."""
    return x * cos - y * sin, x * sin + y * cos


def sample(batch: Tensor, x: Tensor, y: Tensor, outside: Outside = "reflection") -> Tensor:
    """Read TCHW bilinearly at the points (x, y), each broadcastable to (H', W'); gives (T, C, H', W').

    Args:
        batch: the picture.
        x, y: coordinates as above.
        outside: what lies beyond the edge: the picture mirrored, or its edge repeated.
    """
    return read(batch, grid(x, y, *batch.shape[-2:]), outside)


def grid(x: Tensor, y: Tensor, height: int, width: int) -> Tensor:
    """The points (x, y) of a picture of that size as `read` takes them, (H', W', 2): worth keeping while they rest.

    In memory they are two planes: as fast to read, and five times as fast to make.
    """
    return torch.stack(torch.broadcast_tensors(x * (height / width), y)).movedim(0, -1)


def read(batch: Tensor, where: Tensor, outside: Outside = "reflection") -> Tensor:
    """As `sample`, at the points of a `grid`."""
    points = where.expand(batch.shape[0], *where.shape)
    return F.grid_sample(batch, points, mode="bilinear", padding_mode=outside, align_corners=False)


def mix_in(under: Tensor, batch: Tensor, where: Tensor, share: Tensor, outside: Outside = "border") -> Tensor:
    """Mix into TCHW, in place, a share (H, W) of another picture, read at the points of a `grid`."""
    columns = _touched(share)
    under[..., columns].lerp_(read(batch, where[:, columns], outside), share[:, columns])
    return under


def _touched(share: Tensor) -> slice:
    """The columns between the first and the last with any share. A GPU takes all: to know would be to wait for it."""
    if share.device.type != "cpu" or torch.compiler.is_compiling():
        return slice(None)
    touched = share.amax(0).nonzero()
    return slice(int(touched[0]), int(touched[-1]) + 1) if len(touched) else slice(0)


def nearest(x: Tensor, y: Tensor, height: int, width: int) -> Tensor:
    """The flat positions (H', W') of the pixels nearest to the points (x, y), int32, as `pick` takes them.

    Beyond the picture its edge is repeated.
    """
    columns = (x * (0.5 * height)).add_(0.5 * width).clamp_(0.0, width - 1.0).to(torch.int32)
    rows = (y * (0.5 * height)).add_(0.5 * height).clamp_(0.0, height - 1.0).to(torch.int32)
    return rows.mul_(width) + columns


def pick(batch: Tensor, places: Tensor) -> Tensor:
    """Read TCHW at flat positions (H', W'), nearest pixels: four times as fast as `read` on CPUs."""
    flat, planes = places.reshape(-1), batch.flatten(0, 1)
    picked = torch.empty((planes.shape[0], *places.shape), dtype=batch.dtype, device=batch.device)
    for plane, out in zip(planes, picked, strict=True):
        torch.index_select(plane.reshape(-1), 0, flat, out=out.view(-1))
    return picked.view(*batch.shape[:2], *places.shape)
