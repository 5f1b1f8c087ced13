"""Pictures read at other places than their pixels."""

import torch
from torch import Tensor
from torch.nn import functional as F


def read_at(planes: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """TCHW read bilinearly `x` pixels to the right of and `y` pixels below each pixel (T1HW each), TCHW.

    Beyond the picture its edge is repeated.
    """
    height, width = planes.shape[-2:]
    columns = torch.arange(width, device=planes.device) + 0.5 + x[:, 0]
    rows = torch.arange(height, device=planes.device)[:, None] + 0.5 + y[:, 0]
    grid = torch.stack([columns * (2.0 / width) - 1.0, rows * (2.0 / height) - 1.0], dim=-1)
    return F.grid_sample(planes, grid, padding_mode="border", align_corners=False)
