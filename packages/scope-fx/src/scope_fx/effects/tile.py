"""Tile: the picture many times side by side."""

import math
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.blur import shrink
from scope_gpu.image.warp import coordinates, grid, read
from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Copies side by side at amount 1, in doublings.
_MOST = 3.0


class TileFields(BaseModel):
    group: ClassVar[str] = "Geometry"

    tile: float = unit_slider("Tile", "Step back until the picture is there many times, eight side by side at most")
    tile_kind: Literal["mirror", "plain", "bricks", "pinwheel"] = choice(
        "Tile kind",
        "Copies reflect each other, are all the same, lie as bricks do, or every other one upside down",
        "mirror",
    )
    tile_shift: float = unit_slider("Tile shift", "Slide each row against its neighbours; 1 is as 0")
    tile_turn: float = unit_slider("Tile turn", "Turn the whole wall about its middle, in turns")


class Variant(NamedTuple):
    kind: str
    halvings: int


class Numbers(NamedTuple):
    """`cos`, `sin`: of the turn, by the number of copies. `shift`: of a row, in pictures."""

    cos: float
    sin: float
    shift: float


class Maps(NamedTuple):
    x: Tensor
    y: Tensor
    variant: Variant


class Tile(Effect):
    """From the picture itself at amount 0 smoothly outwards: a wall of copies about its middle."""

    fields = TileFields
    keeps_state = False

    def variant(self, p: TileFields, context: Context) -> Variant:
        return Variant(p.tile_kind, round(_MOST * p.tile))

    def maps(self, size: tuple[int, int], device: torch.device, variant: Variant) -> Maps:
        return Maps(*coordinates(*size, device), variant)

    def numbers(self, p: TileFields, context: Context) -> Numbers:
        copies, angle = 2.0 ** (_MOST * p.tile), math.tau * p.tile_turn
        return Numbers(copies * math.cos(angle), copies * math.sin(angle), p.tile_shift)

    def plan(self, n: Numbers, maps: Maps) -> tuple[Tensor, Variant]:
        height, width = maps.y.shape[-2], maps.x.shape[-1]
        wall = grid(maps.x * n.cos + maps.y * n.sin, maps.y * n.cos - maps.x * n.sin, height, width)
        return tiled(wall[..., 0], wall[..., 1], n.shift, maps.variant.kind), maps.variant

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor, Variant], memory: Memory) -> Tensor:
        where, variant = plan
        return read(shrink(frame, variant.halvings), where, "border")


def tiled(x: Tensor, y: Tensor, shift: float, kind: str) -> Tensor:
    """Points of a wall, 2 a picture and the middle one in [-1, 1], as points in the picture, (H, W, 2)."""
    row = ((y + 1.0) * 0.5).floor()
    odd = row.remainder(2.0)
    x = x + (4.0 * odd - 2.0) * shift + (odd if kind == "bricks" else 0.0)
    column = ((x + 1.0) * 0.5).floor()
    x, y = x - 2.0 * column, y - 2.0 * row
    if kind == "mirror":
        return torch.stack((x * (1.0 - 2.0 * column.remainder(2.0)), y * (1.0 - 2.0 * odd)), dim=-1)
    if kind == "pinwheel":
        turned = 1.0 - 2.0 * (column + row).remainder(2.0)
        return torch.stack((x * turned, y * turned), dim=-1)
    return torch.stack((x, y), dim=-1)
