"""Chromatic aberration: a lens that bends red less and blue more, growing towards the edges."""

from typing import NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.warp import coordinates, grid, read
from scope_gpu.plugin.controls import unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# How far amount 1 moves a corner, as a share of its distance from the centre.
_REACH = 0.06
# The wavelengths of red; those of blue lie opposite, and the lens is in focus for green.
_RED = (-1.0, -2 / 3, -1 / 3)


class AberrationFields(BaseModel):
    aberration: float = unit_slider("Chromatic aberration", "Colour fringes that grow towards the edges")


class Numbers(NamedTuple):
    reach: float


class Maps(NamedTuple):
    """Coordinates, and their squared distance from the centre, 1 in the corners."""

    x: Tensor
    y: Tensor
    distance: Tensor


class Aberration(Effect):
    """Red and blue gather three wavelengths each, read at 1 + s r^2 times their distance from the centre, so that edges
    smear into a spectrum instead of splitting into ghosts. Green and the centre stay sharp.
    """

    fields = AberrationFields

    def maps(self, size: tuple[int, int], device: torch.device, variant: None) -> Maps:
        height, width = size
        x, y = coordinates(height, width, device)
        return Maps(x, y, (x * x + y * y) / ((width / height) ** 2 + 1.0))

    def numbers(self, p: AberrationFields, context: Context) -> Numbers:
        return Numbers(_REACH * p.aberration)

    def plan(self, n: Numbers, maps: Maps) -> tuple[list[Tensor], list[Tensor]]:
        bend = maps.distance * n.reach
        red, blue = ([1.0 + bend * (side * wavelength) for wavelength in _RED] for side in (1.0, -1.0))
        size = bend.shape
        return [grid(maps.x * s, maps.y * s, *size) for s in red], [grid(maps.x * s, maps.y * s, *size) for s in blue]

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[list[Tensor], list[Tensor]], memory: Memory) -> Tensor:
        red, green, blue = frame.split(1, dim=-3)
        return torch.cat((_smear(red, plan[0]), green, _smear(blue, plan[1])), dim=-3)


def _smear(plane: Tensor, grids: list[Tensor]) -> Tensor:
    total = torch.zeros_like(plane)
    for where in grids:
        total.add_(read(plane, where, outside="border"), alpha=1.0 / len(grids))
    return total
