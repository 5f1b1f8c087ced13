"""Cells: a Voronoi mosaic of wandering points."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.hashing import pcg3d
from scope_gpu.image.noise import fbm_grid
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, smoothstep, turns

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
    nearest, border, tint = _mosaic(view, phase, seed, warp, halved=edge > 4.0 * view.pixel * _CELLS)
    inside = torch.exp(border * -3.2)
    ring = torch.cos(border * 24.0 + turns(phase, 0.35)).mul_(inside)
    glow = 0.62 + 0.5 * torch.exp(nearest * -2.2)
    light = smoothstep(0.2 * edge, 1.3 * edge, border) * glow * (1.0 + (0.5 * detail) * ring) + 0.05
    return Field(tint * 0.55 + nearest * 0.35, light)


def _mosaic(view: View, phase: float, seed: int, warp: float, halved: bool) -> tuple[Tensor, Tensor, Tensor]:
    """As `_worley`, at half the size and enlarged where dark borders are wide enough to cover the steps of the tint:
    distances are almost straight between pixels.
    """
    size = (view.height, view.width)
    if halved:
        view = View((view.height + 1) // 2, (view.width + 1) // 2, view.scale, view.device)
    planes = _worley(*_bent(view, phase, seed, warp), phase, seed, view, warp)
    if not halved:
        return planes
    distances = F.interpolate(torch.stack(planes[:2])[:, None], size=size, mode="bilinear")[:, 0]
    return distances[0], distances[1], F.interpolate(planes[2][None, None], size=size)[0, 0]


def _bent(view: View, phase: float, seed: int, warp: float) -> tuple[Tensor, Tensor]:
    x, y = view.grid(_CELLS)
    if warp > 0.0:
        spans = view.spans(_CELLS * 0.9)
        x.add_(fbm_grid(*spans, phase * 0.1, seed + 7, view.device, 2.0), alpha=1.6 * warp)
        y.add_(fbm_grid(*spans, phase * 0.1, seed + 8, view.device, 2.0), alpha=1.6 * warp)
    return x, y


def _worley(x: Tensor, y: Tensor, phase: float, seed: int, view: View, warp: float) -> tuple[Tensor, Tensor, Tensor]:
    """Squared distance to the nearest point, distance to the border of its cell, and a random number in [0, 1) for it.

    Looks at the 4 x 4 points around each pixel: every point within 1.5 cells is among them.
    """
    left, top = (-math.ceil(r * _CELLS + 1.6 * warp) - 3 for r in view.reach)
    columns, rows = -2 * left + 1, -2 * top + 1
    px, py, tints = _points(left, top, columns, rows, phase, seed, view.device)
    home = (((y - 0.5).floor() - top) * columns + ((x - 0.5).floor() - left)).to(torch.int32)
    steps = [dy * columns + dx for dy in (-1, 0, 1, 2) for dx in (-1, 0, 1, 2)]
    away = torch.stack([(px[home + step] - x).square_().add_((py[home + step] - y).square_()) for step in steps])
    nearest, first = away.min(0)
    owner = home + torch.tensor(steps, dtype=torch.int32, device=x.device)[first]
    return nearest, _border(away.sub_(nearest), home, owner, steps, px, py), tints[owner]


def _border(excess: Tensor, home: Tensor, owner: Tensor, steps: list[int], px: Tensor, py: Tensor) -> Tensor:
    """Distance to the closest bisector between the owner and another point: the excess of the squared distances over
    twice the distance of the points.
    """
    own_x, own_y = px[owner], py[owner]
    border = torch.full_like(own_x, 9.0)
    for step, more in zip(steps, excess, strict=True):
        other = home + step
        apart = (px[other] - own_x).square_().add_((py[other] - own_y).square_()).sqrt_()
        border = torch.where(other == owner, border, torch.minimum(border, more / (2.0 * apart)))
    return border


def _points(
    left: int, top: int, columns: int, rows: int, phase: float, seed: int, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """Places of the points of all cells, flat, row by row, and a number in [0, 1) for each."""
    column = (torch.arange(columns, device=device) + left).repeat(rows)
    row = (torch.arange(rows, device=device) + top).repeat_interleave(columns)
    spread = [h.to(torch.float32) * 2.0**-32 for h in pcg3d(column, row, torch.full_like(row, seed & 0xFFFFFFFF))]
    px = column + 0.5 + 0.42 * torch.sin(spread[0] * 2.0 * math.pi + turns(phase, 0.11))
    py = row + 0.5 + 0.42 * torch.sin(spread[1] * 2.0 * math.pi + turns(phase, 0.13))
    return px, py, spread[2]
