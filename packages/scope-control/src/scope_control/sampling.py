"""Pictures read at other places than their pixels."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F


def read_at(planes: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """TCHW read bilinearly `x` pixels to the right of and `y` pixels below each pixel (T1HW each), TCHW.

    Beyond the picture its edge is repeated.
    """
    return read_along(planes, x, y, {1: 1.0})


def read_along(planes: Tensor, x: Tensor, y: Tensor, weights: Mapping[float, float]) -> Tensor:
    """The sum of TCHW as `read_at` has it at multiples of the offset (x, y), by multiple with its weight, TCHW."""
    height, width = planes.shape[-2:]
    here = torch.stack(
        [_middles(width, planes).expand(height, width), _middles(height, planes)[:, None].expand(height, width)], dim=-1
    )
    offset = torch.stack([x[:, 0] * (2.0 / width), y[:, 0] * (2.0 / height)], dim=-1)
    total = torch.zeros_like(planes)
    for step, weight in weights.items():
        grid = torch.add(here, offset, alpha=step)
        total.add_(F.grid_sample(planes, grid, padding_mode="border", align_corners=False), alpha=weight)
    return total


def _middles(count: int, like: Tensor) -> Tensor:
    """The middles of `count` pixels between -1 and 1."""
    return torch.linspace(1.0 / count - 1.0, 1.0 - 1.0 / count, count, device=like.device)
