"""Smears along a movement: shifts, turns and zooms, each the mean of many copies for the price of a few."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from scope_gpu.image.warp import grid, read

DOUBLINGS = 5
"""A smear is the mean of two to the power of this many copies."""


class Move(NamedTuple):
    """Where a point (x, y) goes: turned and scaled as (cos x - sin y, sin x + cos y), then shifted."""

    cos: float
    sin: float
    right: float
    down: float


def turn_and_zoom(turns: float, doublings: float) -> Move:
    """About the center; `doublings` of its distance from there."""
    scale, angle = 2.0**doublings, math.tau * turns
    return Move(scale * math.cos(angle), scale * math.sin(angle), 0.0, 0.0)


def shift(right: float, down: float) -> Move:
    return Move(1.0, 0.0, right, down)


def moved(x: Tensor, y: Tensor, move: Move) -> Tensor:
    """The grid (H, W, 2) of a picture's coordinates after a move."""
    across, down = x * move.cos - y * move.sin + move.right, x * move.sin + y * move.cos + move.down
    return grid(across, down, y.shape[-2], x.shape[-1])


def shares(start: float, stop: float) -> list[float]:
    """The moves that make a smear from `start` to `stop`, as shares of the whole: to the start, then 1, 2, 4, ... steps."""
    step = (stop - start) / (2**DOUBLINGS - 1)
    return [start, *(step * 2**doubling for doubling in range(DOUBLINGS))]


def smear(picture: Tensor, grids: list[Tensor]) -> Tensor:
    """The mean of 2^n copies of TCHW in n steps: after each the picture is the mean of itself and itself moved.

    Right for movements that add up, as shifts, turns and zooms about one center do. `grids`: as `shares` lists them.
    """
    picture = read(picture, grids[0])
    for where in grids[1:]:
        picture = torch.lerp(picture, read(picture, where), 0.5)
    return picture
