"""Stars: a flight through a field of stars."""

import math

import torch
from torch import Tensor

from scope_gpu.image.hashing import hash_unit
from scope_gpu.image.noise import fbm_grid
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.splat import Points, splat
from scope_synth.view import Field, View, drawn_coarsely, turns


class Stars(Generator):
    """A flight through a field of stars."""

    name = "stars"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return stars(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def stars(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """Points in perspective before dim clouds.

    Args:
        phase: seconds of flight.
        detail: 0 to 1, from 250 to 2,000 stars.
        warp: the length of the streaks that the stars draw.
    """
    count = 250 + round(1750 * detail)
    number = torch.arange(count, device=view.device)
    u, v, start, hue = (hash_unit(number, number * 0 + k, 0, seed) for k in range(4))
    far = torch.remainder(start - math.fmod(phase * 0.09, 1.0), 1.0)
    # As many points as leave no gaps in a streak.
    points = 8 + round(18 * warp)
    trail = torch.arange(points, device=view.device)[:, None] / points
    depth = (far + 0.02) * (1.0 + trail * (0.02 + 0.16 * warp))
    seen = _seen(view, u - 0.5, v - 0.5, depth, far, 0.5 + 0.5 * (hue - 0.5), trail)
    color, light = drawn_coarsely(view, lambda half: _clouds(half, phase, seed))
    return splat(seen, view, Field(color, light), reach=2)


def _seen(view: View, u: Tensor, v: Tensor, depth: Tensor, far: Tensor, hue: Tensor, trail: Tensor) -> Points:
    """The stars of [-0.5, 0.5] by [-0.5, 0.5] at their depths, in the plane of the view; those of a trail ever dimmer."""
    wide, high = view.reach
    coming = ((1.0 - far) * 5.0).clamp_(max=1.0) * (far * 14.0).clamp_(max=1.0)
    pixels = view.scale * min(view.height, view.width) / 512.0
    near = 1.0 / (0.12 + far)
    light = coming * near**1.4 * (1.0 - trail).square() * (5.0 / len(trail))
    radius = (0.32 * pixels * near).clamp_(0.55, 1.2)
    values = (u * (0.9 * wide) / depth, v * (0.9 * high) / depth, hue, light, radius)
    return Points(*(torch.broadcast_to(value, depth.shape).flatten() for value in values))


def _clouds(view: View, phase: float, seed: int) -> tuple[Tensor, Tensor]:
    drift = (0.25 * math.sin(turns(phase, 0.011)), 0.25 * math.cos(turns(phase, 0.013)))
    cloud = fbm_grid(*view.spans(0.9, drift), phase * 0.03, seed + 31, view.device, 5.0)
    veil = fbm_grid(*view.spans(0.5, drift), phase * 0.02 + 7.0, seed + 32, view.device, 3.0)
    thick = (cloud * 1.3).add_(0.26).clamp_(min=0.0)
    return cloud.mul_(0.5).add_(0.3), thick.mul_(veil.mul_(1.4).add_(0.55).clamp_(0.08, 1.3))
