"""Cells: a Voronoi mosaic of wandering points."""

import math

import torch
from torch import Tensor

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
    """Distances to the nearest and second nearest of one wandering point a cell (Worley, "A Cellular Texture Basis
    Function", SIGGRAPH 1996).

    Args:
        phase: seconds of motion.
        detail: 0 to 1, the strength of the rings inside a cell.
        warp: 0 has straight borders, 1 bends them.
    """
    x, y = _bent(view, phase, seed, warp)
    nearest, second, tint = _worley(x, y, phase, seed, view, warp)
    border = second.sqrt_().sub_(nearest.sqrt_())
    ring = torch.cos(nearest * 26.0 - turns(phase, 0.35))
    glow = 1.15 - 0.75 * nearest
    light = smoothstep(0.0, 0.09, border) * glow * (1.0 + (0.45 * detail) * ring) + 0.06
    return Field(tint * 0.55 + nearest * 0.35, light)


def _bent(view: View, phase: float, seed: int, warp: float) -> tuple[Tensor, Tensor]:
    x, y = view.grid(_CELLS)
    if warp > 0.0:
        spans = view.spans(_CELLS * 0.9)
        x.add_(fbm_grid(*spans, phase * 0.1, seed + 7, view.device, 2.0), alpha=1.6 * warp)
        y.add_(fbm_grid(*spans, phase * 0.1, seed + 8, view.device, 2.0), alpha=1.6 * warp)
    return x, y


def _worley(x: Tensor, y: Tensor, phase: float, seed: int, view: View, warp: float) -> tuple[Tensor, Tensor, Tensor]:
    """Squared distances to the two nearest points, and a random number in [0, 1) for the nearest."""
    left, top = (-math.ceil(r * _CELLS + 1.6 * warp) - 2 for r in view.reach)
    columns, rows = -2 * left + 1, -2 * top + 1
    px, py, tints = _points(left, top, columns, rows, phase, seed, view.device)
    home = ((y.floor() - top) * columns + (x.floor() - left)).to(torch.int32)
    nearest, second, owner = torch.full_like(x, 9.0), torch.full_like(x, 9.0), torch.zeros_like(home)
    for step in (dy * columns + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)):
        cell = home + step
        distance = (px[cell] - x).square_().add_((py[cell] - y).square_())
        owner = torch.where(distance < nearest, cell, owner)
        second = torch.minimum(second, torch.maximum(nearest, distance))
        nearest = torch.minimum(nearest, distance)
    return nearest, second, tints[owner]


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
