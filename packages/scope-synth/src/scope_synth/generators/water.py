"""Light on the floor of moving water."""

import cmath
import math
import random

import torch
from torch import Tensor

from scope_gpu.image.blur import convolve, enlarge
from scope_gpu.image.noise import Span
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, shares, turns

_TAU = 2.0 * math.pi
# Pixels of the floor along the shorter side at the most, rays along each, and how far rays come from beyond the frame.
_ROWS, _RAYS, _BEYOND = 300, 1.7, 0.45
_SOFT = [0.0625, 0.25, 0.375, 0.25, 0.0625]


class Water(Generator):
    """Light on the floor of moving water."""

    name = "water"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return water(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def water(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """Caustics of a surface h made of plane waves: the light that falls on (x, y) meets the floor at (x, y) + d grad h. Rays
    side by side are drawn where they meet it, so that light folds over itself as it does in a pool.

    Args:
        phase: seconds; each wave runs at the pace of deep water, the square root of its frequency.
        seed: the directions of the waves.
        detail: 0 to 1, from 8 to 32 waves, ever shorter.
        warp: how deep the floor lies: 0 hardly gathers the light, 1 folds it over itself.
    """
    # What is shown larger is shown as sharp with fewer pixels.
    share = min(1.0, _ROWS / (min(view.height, view.width) * math.sqrt(max(1.0, view.scale))))
    floor = View(max(1, round(view.height * share)), max(1, round(view.width * share)), view.scale, view.device)
    waves, depth = thrown_waves(phase, seed, 8.0 + 24.0 * detail), 0.3 + 0.7 * warp
    light = convolve(convolve(gathered(floor, waves, depth)[None], _SOFT, -1), _SOFT, -2)[0]
    height = surface(waves, *(span.positions(view.device) for span in floor.spans()))[0]
    # However much light meets, it shines no more than five times as bright.
    light.div_(light * 0.2 + 1.0)
    hue = (height * 1.1).add_(torch.log2(light + 0.35), alpha=0.12).add_(0.39)
    light = light.mul_(0.4).add_(height, alpha=1.1).add_(0.22)
    hue, light = enlarge(torch.stack((hue, light))[None], view.height, view.width)[0]
    return Field(hue, light)


def gathered(floor: View, waves: Tensor, depth: float) -> Tensor:
    """How much light meets each pixel of the floor, HW; 1 under still water."""
    beyond, rays = _BEYOND * depth, _RAYS / floor.pixel
    x, y = (
        Span(-reach - beyond, reach + beyond, math.ceil(2.0 * (reach + beyond) * rays)).positions(floor.device)
        for reach in floor.reach
    )
    _, slope_x, slope_y = surface(waves, x, y)
    column = slope_x.mul_(depth).add_(x).add_(floor.reach[0]).div_(floor.pixel).add_(0.5)
    row = slope_y.mul_(depth).add_(y[:, None]).add_(floor.reach[1]).div_(floor.pixel).add_(0.5)
    # A border of a pixel takes what falls beside the floor.
    column.clamp_(0.0, floor.width + 0.999)
    row.clamp_(0.0, floor.height + 0.999)
    left, top = column.to(torch.int32), row.to(torch.int32)
    right, low = column.sub_(left), row.sub_(top)
    wide = floor.width + 2
    met = torch.zeros((floor.height + 2) * wide, device=floor.device)
    place = top.mul_(wide).add_(left).view(-1)
    for across, down in ((0, 0), (1, 0), (0, 1), (1, 1)):
        weight = (right if across else 1.0 - right) * (low if down else 1.0 - low)
        met[across + down * wide :].index_add_(0, place, weight.view(-1))
    return met.view(-1, wide)[1:-1, 1:-1].div_(_RAYS**2)


def thrown_waves(phase: float, seed: int, count: float) -> Tensor:
    """Frequency along x and y, angle at the origin and curvature of each wave: (waves, 4)."""
    dice = random.Random(seed)
    table = [_wave(dice, number, share / math.sqrt(count), phase) for number, share in enumerate(shares(count))]
    return torch.tensor(table, dtype=torch.float32)


def surface(waves: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Height of the water and its slopes along x and y on a grid, stacked: 3HW.

    A plane wave on a grid is a sum of two products of a column and a row, so that all waves together are one product of
    small matrices.
    """
    kx, ky, start, bend = waves.to(x.device, non_blocking=True).T[..., None].unbind()
    angle_x, angle_y = kx * x + start, ky * y
    square = kx * kx + ky * ky
    # Of the sine, and of the cosine that its slopes are.
    sine = torch.cat((angle_y.cos(), angle_y.sin())), torch.cat((angle_x.sin(), angle_x.cos()))
    cosine = torch.cat((angle_y.cos(), angle_y.sin().neg())), torch.cat((angle_x.cos(), angle_x.sin()))
    height = ((bend / square).repeat(2, 1) * sine[0]).T @ sine[1]
    slopes = ((bend / square * k).repeat(2, 1) * cosine[0] for k in (kx, ky))
    return torch.stack((height, *(slope.T @ cosine[1] for slope in slopes)))


def _wave(dice: random.Random, number: int, height: float, phase: float) -> tuple[float, float, float, float]:
    """Frequency along x and y, angle at the origin, and curvature of one wave; a higher number is a shorter wave."""
    frequency = 3.8 * 1.09**number * dice.uniform(0.85, 1.15)
    vector = cmath.rect(frequency, dice.uniform(0.0, _TAU))
    angle = dice.uniform(0.0, _TAU) + turns(phase, 0.11 * math.sqrt(frequency))
    return vector.real, vector.imag, angle, 1.6 * height * min(1.0, 12.0 / frequency)
