"""Cells: a Voronoi mosaic of wandering points."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from scope_gpu.image.blur import grow
from scope_gpu.image.hashing import pcg3d
from scope_gpu.image.noise import fbm_grid
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, in_strips, smoothstep, turns

_CELLS = 2.6


class Cells(Generator):
    """A Voronoi mosaic of wandering points."""

    name = "cells"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return cells(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def cells(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """One wandering point a cell (Worley, "A Cellular Texture Basis Function", SIGGRAPH 1996), with the exact distance to
    the border (Quilez, "Voronoi Borders", iquilezles.org/articles/voronoilines).

    Args:
        phase: seconds of motion.
        detail: 0 to 1, the strength of the rings inside a cell.
        warp: 0 has straight borders, 1 bends them.
    """
    edge = max(0.05, 1.5 * view.pixel * _CELLS)
    border, glow, nearest, tint = _mosaic(view, phase, seed, detail, warp, edge > 3.2 * view.pixel * _CELLS)
    light = smoothstep(0.2 * edge, 1.3 * edge, border).mul_(glow).add_(0.05)
    return Field(tint.mul_(0.55).add_(nearest, alpha=0.35), light)


def _mosaic(view: View, phase: float, seed: int, detail: float, warp: float, halved: bool) -> tuple[Tensor, ...]:
    """Distance to the border, light inside, squared distance to the nearest point and a number for the cell, HW.

    At half the size and enlarged where dark borders are wide enough to cover the steps of the tint: all else is almost
    straight between pixels.
    """
    height, width = view.height, view.width
    if halved:
        view = View((height + 1) // 2, (width + 1) // 2, view.scale, view.device)
    lattice = _lattice(view, phase, seed, warp)
    nearest, border, tint = in_strips(lambda x, y: _worley(x, y, lattice), *_bent(view, phase, seed, warp))
    ring = (border * 24.0).add_(turns(phase, 0.35)).cos_().mul_((border * -3.2).exp_())
    glow = (nearest * -2.2).exp_().mul_(0.5).add_(0.62).mul_(ring.mul_(0.5 * detail).add_(1.0))
    if not halved:
        return border, glow, nearest, tint
    smooth = grow(torch.stack((border, glow, nearest))[None], 1, height, width)[0]
    tint = tint[:, None, :, None].expand(-1, 2, -1, 2).reshape(2 * view.height, -1)[:height, :width]
    return *smooth.unbind(), tint


def _bent(view: View, phase: float, seed: int, warp: float) -> tuple[Tensor, Tensor]:
    x, y = view.grid(_CELLS)
    if warp > 0.0:
        spans = view.spans(_CELLS * 0.9)
        x.add_(fbm_grid(*spans, phase * 0.1, seed + 7, view.device, 2.0), alpha=1.6 * warp)
        y.add_(fbm_grid(*spans, phase * 0.1, seed + 8, view.device, 2.0), alpha=1.6 * warp)
    return x, y


class _Lattice(NamedTuple):
    """A point for each cell, flat, row by row: x, y and a number in [0, 1), (3, cells); and the first cell's place."""

    points: Tensor
    columns: int
    left: int
    top: int


def _worley(x: Tensor, y: Tensor, lattice: _Lattice) -> tuple[Tensor, Tensor, Tensor]:
    """Squared distance to the nearest point, distance to the border of its cell, and the number of the cell.

    Looks at the 4 x 4 points around each pixel: every point within 1.5 cells is among them.
    """
    points, columns, left, top = lattice
    row, column = (y - 0.5).floor_().sub_(top + 1), (x - 0.5).floor_().sub_(left + 1)
    first = row.mul_(columns).add_(column)
    corner = first.to(torch.int32).view(-1)
    around, nearest, own = [], torch.full_like(x, 99.0), torch.zeros_like(x)
    for step in (down * columns + across for down in range(4) for across in range(4)):
        point = _looked_up(points[:2, step:], corner, x)
        away = (point[0] - x).square_().add_((point[1] - y).square_())
        own.masked_fill_(away < nearest, step)
        torch.minimum(nearest, away, out=nearest)
        around.append((point, away))
    point = _looked_up(points, own.add_(first).to(torch.int32).view(-1), x)
    return nearest, _border(nearest, point, around), point[2]


def _looked_up(table: Tensor, places: Tensor, like: Tensor) -> Tensor:
    """The entries (K, N) of a table at places as many as the pixels of HW: KHW."""
    found = torch.empty((len(table), *like.shape), device=like.device)
    for entry, plane in zip(table, found, strict=True):
        torch.index_select(entry, 0, places, out=plane.view(-1))
    return found


def _border(nearest: Tensor, own: Tensor, around: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Distance to the closest bisector between the nearest point and another: the excess of the squared distances over
    twice the distance of the points.
    """
    border = torch.full_like(nearest, 9.0)
    for point, away in around:
        # The nearest point itself, at no distance, has no bisector: no excess over nothing is far.
        apart = (point[0] - own[0]).square_().add_((point[1] - own[1]).square_()).rsqrt_().mul_(0.5).clamp_(max=1e7)
        away.sub_(nearest).add_(1e-6).mul_(apart)
        torch.minimum(border, away, out=border)
    return border


def _lattice(view: View, phase: float, seed: int, warp: float) -> _Lattice:
    """The points of all cells that the bent frame may show."""
    left, top = (-math.ceil(r * _CELLS + 1.6 * warp) - 3 for r in view.reach)
    columns, rows = -2 * left + 1, -2 * top + 1
    column = (torch.arange(columns, device=view.device) + left).repeat(rows)
    row = (torch.arange(rows, device=view.device) + top).repeat_interleave(columns)
    spread = [h.to(torch.float32) * 2.0**-32 for h in pcg3d(column, row, torch.full_like(row, seed & 0xFFFFFFFF))]
    x = column + 0.5 + 0.42 * torch.sin(spread[0] * 2.0 * math.pi + turns(phase, 0.11))
    y = row + 0.5 + 0.42 * torch.sin(spread[1] * 2.0 * math.pi + turns(phase, 0.13))
    return _Lattice(torch.stack((x, y, spread[2])), columns, left, top)
