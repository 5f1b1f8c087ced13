"""Truchet: tiles of arcs that join to endless lines."""

import math

import torch
from torch import Tensor

from scope_gpu.image.hashing import hash_unit
from scope_gpu.image.noise import fbm_grid
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, turns

_TILES = 2.2
# Half the width of a bundle of lines, in tiles.
_HALF = 0.3


class Truchet(Generator):
    """Tiles of arcs that join to endless lines."""

    name = "truchet"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return truchet(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def truchet(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """Tiles with two quarter circles, each turned one way or the other (Smith, "The Tiling Patterns of Sebastien Truchet",
    Leonardo 20(4), 1987).

    Args:
        phase: seconds; light runs along the lines.
        seed: which way each tile is turned.
        detail: 0 to 1, from one to five lines side by side.
        warp: bends the plane.
    """
    x, y = view.grid(_TILES)
    if warp > 0.0:
        spans = view.spans(0.8)
        x.add_(fbm_grid(*spans, phase * 0.08, seed + 61, view.device, 2.0), alpha=1.5 * warp)
        y.add_(fbm_grid(*spans, phase * 0.08 + 2.3, seed + 62, view.device, 2.0), alpha=1.5 * warp)
    radius, angle, way = _arcs(x, y, view, seed)
    lines = 1 + 2 * round(2 * detail)
    # Whole waves in a quarter turn join at the edges of tiles, whichever way each one runs.
    pulse = torch.cos(angle * 4.0 - way * turns(phase, 0.7)).mul_(0.5).add_(0.5)
    aside = (radius - 0.5).abs_()
    wave = torch.cos(aside.clamp(max=_HALF) * (math.pi * lines / _HALF))
    soft = min(0.9, math.pi * lines / _HALF * view.pixel * _TILES)
    core = ((wave - 0.55) / max(0.12, soft)).add_(0.5).clamp_(0.0, 1.0)
    tube = (0.45 + 0.55 * wave.clamp(min=0.0)) * core
    side = torch.where(radius < 0.5, 1.0, 0.0)
    light = 0.09 + 0.07 * wave.clamp(min=-0.5) + tube * (0.55 + 0.75 * pulse)
    return Field(0.34 + 0.28 * pulse + 0.5 * aside * side * core, light)


def _arcs(x: Tensor, y: Tensor, view: View, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """For each pixel, distance to and angle about the nearer centre of arcs, and the direction of its line, 1 or -1."""
    left, top = (-math.ceil(reach * _TILES + 1.5) - 1 for reach in view.reach)
    columns, rows = -2 * left + 1, -2 * top + 1
    across, down = torch.arange(columns, device=x.device) + left, torch.arange(rows, device=x.device) + top
    turned = torch.where(hash_unit(across[None, :], down[:, None], 0, seed) < 0.5, 1.0, -1.0)
    chequer = 1.0 - 2.0 * ((across[None, :] + down[:, None]) % 2)
    column, row = x.floor(), y.floor()
    tile = ((row - top) * columns + (column - left)).to(torch.int32)
    turn = turned.flatten()[tile]
    u, v = (x - column - 0.5) * turn, y - row - 0.5
    corner = torch.where(u + v < 0.0, 0.5, -0.5)
    u, v = u + corner, v + corner
    return torch.hypot(u, v), torch.atan2(v, u), (turned * chequer).flatten()[tile]
