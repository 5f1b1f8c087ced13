"""Light on the floor of moving water."""

import cmath
import math
import random

import torch
from torch import Tensor

from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, shares, turns

_TAU = 2.0 * math.pi


class Water(Generator):
    """Light on the floor of moving water."""

    name = "water"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return water(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def water(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """Caustics of a surface h made of plane waves: light that falls on (x, y) meets the floor at (x, y) - d grad h, so
    that it is as dense as 1 / |det(I - d Hessian h)|.

    Args:
        phase: seconds; each wave runs at the pace of deep water, the square root of its frequency.
        seed: the directions of the waves.
        detail: 0 to 1, from 8 to 32 waves, ever shorter.
        warp: how deep the floor lies: 0 hardly gathers the light, 1 folds it over itself.
    """
    depth = 0.35 + 0.9 * warp
    height, xx, xy, yy = _surface(view, phase, seed, 8.0 + 24.0 * detail)
    density = ((1.0 + depth * xx) * (1.0 + depth * yy)).sub_((depth * xy).square_())
    gathered = density.square_().add_(0.22**2).rsqrt_()
    light = 0.3 + 0.09 * height + 0.27 * gathered
    return Field(0.36 + 0.07 * height + 0.07 * torch.log2(gathered.add_(0.3)), light)


def _surface(view: View, phase: float, seed: int, count: float) -> Tensor:
    """Height of the water and minus its second derivatives by xx, xy and yy, stacked: 4HW, each of about unit size.

    A plane wave on a grid is a sum of two products of a column and a row, so that all waves together are one product of
    small matrices.
    """
    dice = random.Random(seed)
    waves = [_wave(dice, number, share / math.sqrt(count), phase) for number, share in enumerate(shares(count))]
    x, y = (span.positions(view.device) for span in view.spans())
    table = torch.tensor(waves, dtype=torch.float32).to(view.device, non_blocking=True)
    kx, ky, start, bend = table.T[..., None].unbind()
    angle_x, angle_y = kx * x + start, ky * y
    rows = torch.cat((angle_x.sin(), angle_x.cos()))
    columns = torch.cat((angle_y.cos(), angle_y.sin()))
    square = kx * kx + ky * ky
    curvature = bend / square
    weights = torch.stack((4.0 * bend / square.sqrt(), curvature * kx * kx, curvature * kx * ky, curvature * ky * ky))
    return torch.einsum("qnh,nw->qhw", weights.repeat(1, 2, 1) * columns, rows)


def _wave(dice: random.Random, number: int, height: float, phase: float) -> tuple[float, float, float, float]:
    """Frequency along x and y, angle at the origin, and curvature of one wave; a higher number is a shorter wave."""
    frequency = 3.8 * 1.09**number * dice.uniform(0.85, 1.15)
    vector = cmath.rect(frequency, dice.uniform(0.0, _TAU))
    angle = dice.uniform(0.0, _TAU) + turns(phase, 0.11 * math.sqrt(frequency))
    return vector.real, vector.imag, angle, 1.6 * height * min(1.0, 12.0 / frequency)
