"""Pixelate: the picture as a coarse mosaic or a wall of lamps."""

from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Rows of tiles at amount 1.
_FEWEST_ROWS = 12


class PixelateFields(BaseModel):
    group: ClassVar[str] = "Print"

    pixelate: float = unit_slider("Pixelate", "Size of the tiles of a mosaic")
    pixelate_shape: Literal["square", "lamps"] = choice("Pixelate shape", "Square tiles or a wall of lamps", "square")


class Maps(NamedTuple):
    tile: int
    lamp: Tensor | None


class Pixelate(Effect):
    """Square tiles, each the mean of what it covers, laid out from the middle of the picture.

    They grow, evenly to the eye, to a twelfth of the height at amount 1.
    """

    fields = PixelateFields
    keeps_state = False
    pulses = False

    def variant(self, p: PixelateFields, context: Context) -> tuple[int, str]:
        largest = max(context.height / _FEWEST_ROWS, 2.0)
        return max(2, round(2.0 * (largest / 2.0) ** p.pixelate)), p.pixelate_shape

    def maps(self, size: tuple[int, int], device: torch.device, variant: tuple[int, str]) -> Maps:
        tile, shape = variant
        return Maps(tile, _lamp(tile, device) if shape == "lamps" else None)

    def apply(self, frame: Tensor, n: tuple[()], plan: Maps, memory: Memory) -> Tensor:
        height, width = frame.shape[-2:]
        top, bottom = _around(height, plan.tile)
        left, right = _around(width, plan.tile)
        padded = F.pad(frame, (left, right, top, bottom), mode="replicate")
        grown = _spread(_means(padded, plan.tile), plan)
        return grown[..., top : top + height, left : left + width].clamp(0.0, 1.0)


def _around(size: int, tile: int) -> tuple[int, int]:
    """How much to add before and behind, so that whole tiles fill the size and one has its middle in the middle."""
    count = -(-size // tile)
    count += 1 - count % 2
    spare = count * tile - size
    return spare // 2, spare - spare // 2


def _means(frame: Tensor, tile: int) -> Tensor:
    """One pixel a tile."""
    t, channels, height, width = frame.shape
    # First over rows: on CPUs far faster than both at once.
    rows = frame.view(t, channels, height // tile, tile, width).sum(dim=3)
    return rows.view(t, channels, height // tile, width // tile, tile).sum(dim=-1) / tile**2


def _spread(means: Tensor, plan: Maps) -> Tensor:
    """Tiles of one color, or of a lamp in that color."""
    t, channels, rows, columns = means.shape
    wide = means[:, :, :, None, :, None].expand(t, channels, rows, plan.tile, columns, plan.tile)
    lit = wide if plan.lamp is None else wide * plan.lamp[:, None, :]
    return lit.reshape(t, channels, rows * plan.tile, columns * plan.tile)


def _lamp(tile: int, device: torch.device) -> Tensor:
    """The brightness over a tile, (tile, tile): high in the middle, 0 at the border, the edge a pixel soft."""
    place = (torch.arange(tile, device=device, dtype=torch.float32) + 0.5) * (2.0 / tile) - 1.0
    distance = torch.hypot(place[None, :], place[:, None])
    # A lamp covers 0.64 of its tile; a good part of the light lost is made up for.
    return ((0.9 - distance) * (0.25 * tile) + 0.5).clamp_(0.0, 1.0) * 1.3
