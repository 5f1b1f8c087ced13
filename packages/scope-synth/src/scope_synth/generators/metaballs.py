"""Metaballs: drops that melt into one another."""

import math

import torch
from torch import Tensor

from scope_gpu.image.hashing import hash_unit
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, in_strips, shares, turns

# How hard the edge is between two balls that meet, against their size.
_SHARPNESS = 2.2
# Place in the palette of what is behind.
_GROUND = 0.15


class Metaballs(Generator):
    """Glossy drops that melt into one another."""

    name = "metaballs"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return metaballs(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def metaballs(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """Spheres under a soft maximum: the squared height is the logarithm of a sum of Gaussians (Blinn, "A Generalization of
    Algebraic Surface Drawing", 1982), so that one ball alone is round, and several are smooth where they meet.

    Args:
        phase: seconds; each ball runs on a path of its own.
        detail: 0 to 1, from 4 to 14 balls, ever smaller.
        warp: ripples on the drops.
    """
    x, y = view.grid()
    ripple = torch.sin(y * 5.0 + turns(phase, 0.21)), torch.sin(x * 4.0 - turns(phase, 0.17))
    x.add_(ripple[0], alpha=0.09 * warp)
    y.add_(ripple[1], alpha=0.09 * warp)
    balls, size = _paths(view, phase, seed, 4.0 + 10.0 * detail)
    hue, light = in_strips(lambda x, y: _lit(view, size, *_summed(x, y, balls, size)), x, y)
    return Field(hue, light)


def _paths(view: View, phase: float, seed: int, count: float) -> tuple[list[tuple[float, ...]], float]:
    """Place, squared radius and hue of each ball; the last one may just be rising."""
    # Small drops fill the frame; large ones run out of it instead of all into one.
    wide, high = (reach * max(1.0, view.scale) for reach in view.reach)
    dice = hash_unit(torch.arange(math.ceil(count))[:, None], torch.arange(6), 0, seed).tolist()
    size = 1.05 / math.sqrt(count)
    balls: list[tuple[float, ...]] = [
        (
            0.8 * wide * math.sin(2.0 * math.pi * a + turns(phase, 0.03 + 0.05 * b)),
            0.8 * high * math.sin(2.0 * math.pi * c + turns(phase, 0.03 + 0.05 * d)),
            share * (size * (0.55 + 0.75 * e)) ** 2 - (1.0 - share) * 2.0 * size**2,
            0.28 + 0.42 * f,
        )
        for (a, b, c, d, e, f), share in zip(dice, shares(count), strict=True)
    ]
    return balls, size


def _summed(x: Tensor, y: Tensor, balls: list[tuple[float, ...]], size: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Squared height above the plane, negative outside; x and y from the middle of the balls around; and their hue. Balls
    are weighed by their Gaussians.
    """
    total, (middle_x, middle_y, hue) = torch.full_like(x, 1e-30), (torch.zeros_like(x) for _ in range(3))
    weight, down, sharp = torch.empty_like(x), torch.empty_like(x), _SHARPNESS / size**2
    for ball_x, ball_y, square, own in balls:
        torch.sub(y, ball_y, out=down).square_()
        torch.sub(x, ball_x, out=weight).square_().add_(down).sub_(square).mul_(-sharp).clamp_(min=-60.0).exp_()
        total.add_(weight)
        middle_x.add_(weight, alpha=ball_x)
        middle_y.add_(weight, alpha=ball_y)
        hue.add_(weight, alpha=own)
    share = total.reciprocal()
    aside = x.sub_(middle_x.mul_(share)), y.sub_(middle_y.mul_(share))
    return total.log_().mul_(1.0 / sharp), *aside, hue.mul_(share)


def _lit(
    view: View, size: float, square: Tensor, aside_x: Tensor, aside_y: Tensor, hue: Tensor
) -> tuple[Tensor, Tensor]:
    """Glossy under a light from the upper left, with a rim that mirrors what glows around."""
    height = square.clamp(min=0.0).sqrt_()
    flat = (aside_x * aside_x).addcmul_(aside_y, aside_y)
    length = (height * height).add_(flat).add_(1e-9).rsqrt_()
    normal_x, normal_y, up = aside_x.mul_(length), aside_y.mul_(length), height.mul_(length)
    facing = (normal_x * -0.45).add_(normal_y, alpha=-0.6).add_(up, alpha=0.66).clamp_(min=0.0)
    gloss = (normal_x * -0.27).add_(normal_y, alpha=-0.36).add_(up, alpha=0.89).clamp_(min=0.0) ** 60
    rim = (1.0 - up) ** 3
    body = (facing * 0.88).add_(0.16).add_(gloss, alpha=1.2).addcmul_(rim, normal_y + 1.1, value=0.4)
    # At the rim the squared height falls by twice the distance from the middle; the edge is one and a half pixels soft.
    inside = (square / flat.sqrt_().mul_(3.0 * view.pixel).add_(1e-9)).add_(0.5).clamp_(0.0, 1.0)
    glow = square.mul_(1.6 / size**2).clamp_(-20.0, 0.0).exp_()
    around = (glow * 0.42).add_(0.07)
    # Far from all balls there is one color, or else the borders between their realms would show.
    color = hue.sub_((1.0 - facing).mul_(0.16)).sub_(_GROUND).mul_(glow).add_(_GROUND)
    return color, torch.lerp(around, body, inside)
