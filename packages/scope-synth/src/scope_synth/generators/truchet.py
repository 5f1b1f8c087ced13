"""Truchet: tiles of arcs that join to endless lines."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from scope_gpu.image.hashing import hash_unit
from scope_gpu.image.noise import fbm_grid
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, in_strips, turns

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
    tiles, lines = _tiles(view, seed), 1 + 2 * round(2 * detail)
    hue, light = in_strips(lambda x, y: _lit(view, *_arcs(x, y, tiles), lines, turns(phase, 0.7)), x, y)
    return Field(hue, light)


def _lit(view: View, radius: Tensor, angle: Tensor, way: Tensor, lines: int, running: float) -> tuple[Tensor, Tensor]:
    """Hue and light of bundles of lines."""
    # Whole waves in a quarter turn join at the edges of tiles, whichever way each one runs.
    pulse = angle.mul_(4.0).sub_(way.mul_(running)).cos_().mul_(0.5).add_(0.5)
    aside = (radius - 0.5).abs_()
    wave = aside.clamp(max=_HALF).mul_(math.pi * lines / _HALF).cos_()
    soft = min(0.9, math.pi * lines / _HALF * view.pixel * _TILES)
    core = (wave - 0.55).mul_(1.0 / max(0.12, soft)).add_(0.5).clamp_(0.0, 1.0)
    tube = wave.clamp(min=0.0).mul_(0.55).add_(0.45).mul_(core)
    light = wave.clamp_(min=-0.5).mul_(0.07).add_(0.09).add_(tube.mul_(0.75 * pulse + 0.55))
    inner = (radius < 0.5).to(radius.dtype)
    return pulse.mul_(0.28).add_(0.34).add_(aside.mul_(inner).mul_(core), alpha=0.5), light


class _Tiles(NamedTuple):
    """Which way the tiles are turned, 1 or -1, and the direction of their lines: flat, row by row; and the first one."""

    turned: Tensor
    way: Tensor
    columns: int
    left: int
    top: int


def _tiles(view: View, seed: int) -> _Tiles:
    left, top = (-math.ceil(reach * _TILES + 1.5) - 1 for reach in view.reach)
    columns, rows = -2 * left + 1, -2 * top + 1
    across, down = torch.arange(columns, device=view.device) + left, torch.arange(rows, device=view.device) + top
    turned = torch.where(hash_unit(across[None, :], down[:, None], 0, seed) < 0.5, 1.0, -1.0)
    chequer = 1.0 - 2.0 * ((across[None, :] + down[:, None]) % 2)
    return _Tiles(turned.flatten(), (turned * chequer).flatten(), columns, left, top)


def _arcs(x: Tensor, y: Tensor, tiles: _Tiles) -> tuple[Tensor, Tensor, Tensor]:
    """For each pixel, distance to and angle about the nearer centre of arcs, and the direction of its line, 1 or -1."""
    column, row = x.floor(), y.floor()
    tile = (row - tiles.top).mul_(tiles.columns).add_(column).sub_(tiles.left).to(torch.int32).view(-1)
    turned, way = (entry.index_select(0, tile).view(x.shape) for entry in (tiles.turned, tiles.way))
    u, v = (x - column).sub_(0.5).mul_(turned), (y - row).sub_(0.5)
    corner = (u + v < 0.0).to(u.dtype).sub_(0.5)
    u, v = u.add_(corner), v.add_(corner)
    return torch.hypot(u, v), torch.atan2(v, u), way
