"""Pixelate: the picture as a coarse mosaic or a wall of lamps."""

import torch
from torch import Tensor
from torch.nn import functional as F

# Rows of tiles at amount 1.
_FEWEST_ROWS = 12


def pixelate(frames: Tensor, amount: float, shape: str) -> Tensor:
    """Show TCHW in [0, 1] as tiles, each the mean of what it covers.

    Args:
        amount: 0 leaves the picture as it is; then tiles grow, evenly to the eye, to a twelfth of the height at 1.
        shape: "square" tiles, or "lamps": round, on black.
    """
    if amount == 0.0:
        return frames
    height, width = frames.shape[-2:]
    largest = max(height / _FEWEST_ROWS, 2.0)
    tile = max(2, round(2.0 * (largest / 2.0) ** amount))
    rows, columns = max(1, round(height / tile)), max(1, round(width / tile))
    tiles = F.adaptive_avg_pool2d(frames, (rows, columns))
    mosaic = F.interpolate(tiles, (height, width), mode="nearest-exact")
    return (mosaic * _lamps(frames, rows, columns)).clamp_(0.0, 1.0) if shape == "lamps" else mosaic


def _lamps(frames: Tensor, rows: int, columns: int) -> Tensor:
    """The brightness over each tile as (H, W): high in the middle, 0 at the border, the edge a pixel soft."""
    height, width = frames.shape[-2:]
    x = _within(width, columns, frames.device)[None, :]
    y = _within(height, rows, frames.device)[:, None]
    softness = 4.0 * rows / height
    # A lamp covers 0.64 of its tile; a good part of the light lost is made up for.
    return ((0.9 - torch.hypot(x, y)) / softness + 0.5).clamp_(0.0, 1.0) * 1.3


def _within(size: int, tiles: int, device: torch.device) -> Tensor:
    """Where each pixel lies in its tile, -1 to 1."""
    position = (torch.arange(size, device=device, dtype=torch.float32) + 0.5) * (tiles / size)
    return position.frac() * 2.0 - 1.0
