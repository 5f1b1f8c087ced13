"""Reaction: two substances that feed on one another and spread."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import enlarge
from scope_gpu.image.hashing import hash_unit
from scope_gpu.image.noise import Span, fbm_grid
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, smoothstep

_STEPS_A_SECOND = 420.0
# As many as fill the frame from its first drops.
RUN_UP_STEPS = 900
_MOST_STEPS = 60
# How fast U and V spread, in cells squared a step, and how fast U comes in.
_SPREAD_U, _SPREAD_V = 0.21, 0.105
_FEED = 0.024


class Reaction(Generator):
    """Living patterns: spots that divide, worms, and mazes."""

    name = "reaction"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        grid = _grid(scene.view, p.synth_detail)
        if memory.get("grid") != grid:
            memory |= _begun(grid, scene) if "uv" not in memory else {"grid": grid, "uv": _resized(memory["uv"], grid)}
        now = math.floor(abs(scene.phase) * _STEPS_A_SECOND)
        steps = min(abs(now - memory["steps"]), RUN_UP_STEPS if memory["steps"] < 0 else _MOST_STEPS)
        kill = _kill(grid, scene, p.synth_warp)
        for _ in range(steps):
            react(memory["uv"], kill)
        memory["steps"] = now
        return _relief(scene.view, memory["uv"])


def react(uv: Tensor, kill: Tensor) -> None:
    """One step in place of u' = Du lap u - u v^2 + F (1 - u), v' = Dv lap v + u v^2 - (F + k) v on a torus (Gray & Scott
    1984; Pearson, "Complex Patterns in a Simple System", Science 261, 1993).

    Args:
        uv: (2, H, W) concentrations in [0, 1].
        kill: (H, W) the rate k.
    """
    padded = F.pad(uv[None], (1, 1, 1, 1), mode="circular")[0]
    around = (padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:]).add_(padded[:, :-2, 1:-1]).add_(padded[:, 2:, 1:-1])
    u, v = uv
    reaction = (v * v).mul_(u)
    u.mul_(1.0 - 4.0 * _SPREAD_U - _FEED).add_(around[0], alpha=_SPREAD_U).sub_(reaction).add_(_FEED)
    v.mul_((1.0 - 4.0 * _SPREAD_V - _FEED) - kill).add_(around[1], alpha=_SPREAD_V).add_(reaction)


def _grid(view: View, detail: float) -> tuple[int, int]:
    """Rows and columns: as many as make forms of one share of the height at every size of the frame."""
    side = min(view.height, view.width)
    short = min(max((80.0 + 130.0 * detail) / view.scale, 24.0), 400.0, 8.0 * side)
    return round(short * view.height / side), round(short * view.width / side)


def _begun(grid: tuple[int, int], scene: Scene) -> Memory:
    return {"grid": grid, "steps": -RUN_UP_STEPS, "uv": _seeded(grid, scene.seed, scene.view.device)}


def _resized(uv: Tensor, grid: tuple[int, int]) -> Tensor:
    """What has grown on another grid: it goes on from there, and finds its size."""
    return F.interpolate(uv[None], grid, mode="bilinear", align_corners=False)[0]


def _seeded(grid: tuple[int, int], seed: int, device: torch.device) -> Tensor:
    """A torus of U with drops of V all over it."""
    row, column = (torch.arange(side, device=device) // 6 for side in grid)
    drops = (hash_unit(column[None, :], row[:, None], 0, seed) < 0.08).to(torch.float32)
    return torch.stack((1.0 - 0.5 * drops, 0.25 * drops))


def _kill(grid: tuple[int, int], scene: Scene, warp: float) -> Tensor:
    """Where spots, worms and mazes grow: regions that wander, the wider apart in kind the larger `warp`."""
    height, width = grid
    wide = 1.1 * width / height
    spans = Span(-wide, wide, width), Span(-1.1, 1.1, height)
    region = fbm_grid(*spans, scene.phase * 0.08, scene.seed + 91, scene.view.device, 2.0)
    return region.mul_(0.014 * warp).add_(0.0535).clamp_(0.0497, 0.0585)


def _relief(view: View, uv: Tensor) -> Field:
    """V as a wet relief under a light from the upper left; the palette runs from the ground over the slopes to the tops."""
    rows, columns = uv.shape[-2:]
    u, v = enlarge(enlarge(uv[None], 2 * rows, 2 * columns), view.height, view.width)[0]
    steep = 11.0 * view.height / rows
    slope_x, slope_y = (torch.gradient(v, dim=dim)[0].mul_(steep) for dim in (1, 0))
    upright = (slope_x * slope_x).addcmul_(slope_y, slope_y).add_(1.0).rsqrt_()
    facing = (slope_x * 0.45).add_(slope_y, alpha=0.6).add_(0.66).mul_(upright)
    gloss = (slope_x * 0.27).add_(slope_y, alpha=0.36).add_(0.89).mul_(upright).clamp_(min=0.0) ** 40
    body = smoothstep(0.06, 0.24, v)
    light = (0.2 + 1.05 * facing.clamp_(min=0.0)) * (0.24 + 0.86 * body) + (0.75 * gloss) * body
    return Field(0.1 + 0.26 * body + 0.3 * (0.8 - u) * body + 0.1 * facing * body, light)
