"""Metaballs: drops that melt into one another."""

import math

import torch
from torch import Tensor

from scope_gpu.image.hashing import hash_unit
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, smoothstep, turns


class Metaballs(Generator):
    """Glossy drops that melt into one another."""

    name = "metaballs"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return metaballs(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def metaballs(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """The level 1 of a sum of r^2 / d^2 (Blinn, "A Generalization of Algebraic Surface Drawing", 1982), lit by the
    gradient of the sum as if it were round.

    Args:
        phase: seconds; each ball runs on a path of its own.
        detail: 0 to 1, from 4 to 14 balls, ever smaller.
        warp: ripples on the drops.
    """
    x, y = view.grid()
    x.add_(torch.sin(y * 5.0 + turns(phase, 0.21)), alpha=0.09 * warp)
    y.add_(torch.sin(x * 4.0 - turns(phase, 0.17)), alpha=0.09 * warp)
    total, along_x, along_y, hue = _summed(x, y, *_paths(view, phase, seed, 4 + round(10 * detail)))
    return _lit(view, total, along_x, along_y, hue)


def _paths(view: View, phase: float, seed: int, count: int) -> tuple[list[tuple[float, ...]], float]:
    """Place, squared radius and hue of each ball."""
    wide, high = (reach * view.scale for reach in view.reach)
    dice = hash_unit(torch.arange(count)[:, None], torch.arange(6), 0, seed).tolist()
    size = 0.8 / math.sqrt(count)
    balls: list[tuple[float, ...]] = [
        (
            0.8 * wide * math.sin(2.0 * math.pi * a + turns(phase, 0.03 + 0.05 * b)),
            0.8 * high * math.sin(2.0 * math.pi * c + turns(phase, 0.03 + 0.05 * d)),
            (size * (0.55 + 0.75 * e)) ** 2,
            0.4 + 0.5 * f,
        )
        for a, b, c, d, e, f in dice
    ]
    return balls, size


def _summed(x: Tensor, y: Tensor, balls: list[tuple[float, ...]], size: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The sum, its gradient, and the hue of the balls weighed by their share."""
    total, along_x, along_y, hue = (torch.zeros_like(x) for _ in range(4))
    for ball_x, ball_y, square, own in balls:
        dx, dy = x - ball_x, y - ball_y
        near = 1.0 / (dx * dx).addcmul_(dy, dy).add_(0.02 * size)
        total.add_(near, alpha=square)
        hue.add_(near, alpha=square * own)
        near.square_()
        along_x.addcmul_(dx, near, value=-2.0 * square)
        along_y.addcmul_(dy, near, value=-2.0 * square)
    return total, along_x, along_y, hue.div_(total)


def _lit(view: View, total: Tensor, along_x: Tensor, along_y: Tensor, hue: Tensor) -> Field:
    steep = (along_x * along_x).addcmul_(along_y, along_y).sqrt_().add_(1e-4)
    # 1 / sum is 1 at the rim and 0 inside: the squared sine of the angle at which a round drop stands.
    sine = (1.0 / total).clamp_(max=1.0).sqrt_()
    height = (1.0 - sine * sine).clamp_(min=0.0).sqrt_()
    normal_x, normal_y = -along_x / steep * sine, -along_y / steep * sine
    facing = (normal_x * -0.45 + normal_y * -0.6 + height * 0.66).clamp_(min=0.0)
    gloss = (normal_x * -0.27 + normal_y * -0.36 + height * 0.89).clamp_(min=0.0) ** 48
    rim = (1.0 - height) ** 4
    body = 0.12 + 0.85 * facing + 1.1 * gloss + 0.35 * rim * (1.0 + normal_y)
    inside = ((total - 1.0) / (steep * (1.5 * view.pixel)) + 0.5).clamp_(0.0, 1.0)
    around = 0.1 + 0.4 * smoothstep(0.1, 1.2, total)
    return Field(hue - 0.16 * (1.0 - facing), around + (body - around) * inside)
