"""Pixelate: the picture as a coarse mosaic or a wall of lamps."""

from typing import Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Rows of tiles at amount 1.
_FEWEST_ROWS = 12


class PixelateFields(BaseModel):
    pixelate: float = unit_slider("Pixelate", "Size of the tiles of a mosaic")
    pixelate_shape: Literal["square", "lamps"] = choice("Pixelate shape", "Square tiles or a wall of lamps", "square")


class Tiles(NamedTuple):
    rows: int
    columns: int
    shape: str


class Maps(NamedTuple):
    tiles: Tiles
    lamps: Tensor | None


class Pixelate(Effect):
    """Tiles, each the mean of what it covers; they grow, evenly to the eye, to a twelfth of the height at amount 1."""

    fields = PixelateFields

    def variant(self, p: PixelateFields, context: Context) -> Tiles:
        largest = max(context.height / _FEWEST_ROWS, 2.0)
        tile = max(2, round(2.0 * (largest / 2.0) ** p.pixelate))
        rows, columns = max(1, round(context.height / tile)), max(1, round(context.width / tile))
        return Tiles(rows, columns, p.pixelate_shape)

    def maps(self, size: tuple[int, int], device: torch.device, variant: Tiles) -> Maps:
        return Maps(variant, _lamps(size, device, variant) if variant.shape == "lamps" else None)

    def apply(self, frame: Tensor, n: tuple[()], plan: Maps, memory: Memory) -> Tensor:
        tiles = F.adaptive_avg_pool2d(frame, (plan.tiles.rows, plan.tiles.columns))
        mosaic = F.interpolate(tiles, frame.shape[-2:], mode="nearest-exact")
        return mosaic if plan.lamps is None else (mosaic * plan.lamps).clamp_(0.0, 1.0)


def _lamps(size: tuple[int, int], device: torch.device, tiles: Tiles) -> Tensor:
    """The brightness over each tile as (H, W): high in the middle, 0 at the border, the edge a pixel soft."""
    height, width = size
    x = _within(width, tiles.columns, device)[None, :]
    y = _within(height, tiles.rows, device)[:, None]
    softness = 4.0 * tiles.rows / height
    # A lamp covers 0.64 of its tile; a good part of the light lost is made up for.
    return ((0.9 - torch.hypot(x, y)) / softness + 0.5).clamp_(0.0, 1.0) * 1.3


def _within(size: int, tiles: int, device: torch.device) -> Tensor:
    """Where each pixel lies in its tile, -1 to 1."""
    position = (torch.arange(size, device=device, dtype=torch.float32) + 0.5) * (tiles / size)
    return position.frac() * 2.0 - 1.0
