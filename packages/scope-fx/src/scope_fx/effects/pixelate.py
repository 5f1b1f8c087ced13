"""Pixelate: the picture as a coarse mosaic or a wall of lamps."""

from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.tiles import around, laid, mosaic
from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Rows of tiles at an amount near 0, and at 1.
_MOST_ROWS, _FEWEST_ROWS = 360.0, 12.0


class PixelateFields(BaseModel):
    group: ClassVar[str] = "Print"

    pixelate: float = unit_slider("Pixelate", "Size of the tiles of a mosaic")
    pixelate_shape: Literal["square", "lamps"] = choice("Pixelate shape", "Square tiles or a wall of lamps", "square")


class Maps(NamedTuple):
    tile: int
    lamps: Tensor | None


class Pixelate(Effect):
    """Square tiles, each the mean of what it covers, laid out from the middle of the picture.

    They grow, evenly to the eye, to a twelfth of the height at amount 1.
    """

    fields = PixelateFields
    keeps_state = False
    pulses = False

    def variant(self, p: PixelateFields, context: Context) -> tuple[int, str]:
        rows = _MOST_ROWS * (_FEWEST_ROWS / _MOST_ROWS) ** p.pixelate
        return max(2, round(context.height / rows)), p.pixelate_shape

    def maps(self, size: tuple[int, int], device: torch.device, variant: tuple[int, str]) -> Maps:
        tile, shape = variant
        return Maps(tile, _wall(size, tile, device) if shape == "lamps" else None)

    def apply(self, frame: Tensor, n: tuple[()], plan: Maps, memory: Memory) -> Tensor:
        tile, size = plan.tile, (frame.shape[-2], frame.shape[-1])
        lit = laid(mosaic(frame, tile, tile), tile, tile, size)
        return lit if plan.lamps is None else lit.mul_(plan.lamps).clamp_(max=1.0)


def _wall(size: tuple[int, int], tile: int, device: torch.device) -> Tensor:
    """The brightness of a wall of lamps, (H, W)."""
    rows, columns = ((torch.arange(length, device=device) + around(length, tile)[0]) % tile for length in size)
    return _lamp(tile, device)[rows][:, columns]


def _lamp(tile: int, device: torch.device) -> Tensor:
    """The brightness over a tile, (tile, tile): high in the middle, 0 at the border, the edge a pixel soft."""
    place = (torch.arange(tile, device=device, dtype=torch.float32) + 0.5) * (2.0 / tile) - 1.0
    distance = torch.hypot(place[None, :], place[:, None])
    # A lamp covers 0.64 of its tile; a good part of the light lost is made up for.
    return ((0.9 - distance) * (0.25 * tile) + 0.5).clamp_(0.0, 1.0) * 1.3
