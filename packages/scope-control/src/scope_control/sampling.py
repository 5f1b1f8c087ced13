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
    columns = ((torch.arange(width, device=planes.device) + 0.5) * (2.0 / width) - 1.0).expand(height, width)
    rows = ((torch.arange(height, device=planes.device) + 0.5) * (2.0 / height) - 1.0)[:, None].expand(height, width)
    here = torch.stack([columns, rows], dim=-1)
    offset = torch.stack([x[:, 0] * (2.0 / width), y[:, 0] * (2.0 / height)], dim=-1)
    total = torch.zeros_like(planes)
    for step, weight in weights.items():
        grid = torch.add(here, offset, alpha=step)
        total.add_(F.grid_sample(planes, grid, padding_mode="border", align_corners=False), alpha=weight)
    return total
