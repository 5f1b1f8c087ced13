"""Lissajous: an oscilloscope's beam."""

import math

import torch
from torch import Tensor

from scope_gpu.image.blur import gaussian_blur, grow, shrink
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.splat import Points, splat
from scope_synth.view import Field, View, shares, turns

_SAMPLES = 2600
# Frequencies across and down that close to calm figures.
_RATIOS = ((3, 2), (5, 4), (4, 3), (5, 3), (7, 4), (5, 2))


class Lissajous(Generator):
    """Figures that an oscilloscope's beam draws, with its glow."""

    name = "lissajous"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return lissajous(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def lissajous(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """x = sin(a t + d), y = sin(b t), several at slightly different d; the beam is the brighter the slower it runs.

    Args:
        phase: seconds; d turns.
        seed: the ratio a : b.
        detail: 0 to 1, from two to seven lines.
        warp: a second harmonic on both axes.
    """
    lines = shares(2.0 + 5.0 * detail)
    time = torch.arange(_SAMPLES, device=view.device) * (2.0 * math.pi / _SAMPLES)
    line = torch.arange(len(lines), device=view.device)[:, None]
    across, down = _RATIOS[seed % len(_RATIOS)]
    delay = turns(phase, 0.05) + line * (0.16 + 0.07 * math.sin(turns(phase, 0.031))) + seed % 97
    wide, high = (0.84 * reach * view.scale / (1.0 + 0.25 * warp) for reach in view.reach)
    x = wide * (torch.sin(across * time + delay) + 0.25 * warp * torch.sin(2 * down * time - delay))
    y = high * (torch.sin(down * time) + 0.25 * warp * torch.sin(3 * across * time + delay + turns(phase, 0.04)))
    strength = torch.tensor(lines).to(view.device, non_blocking=True)[:, None]
    return _glowing(view, x, y, 0.42 + 0.4 * line / (2.0 + 5.0 * detail) + 0.06 * torch.sin(time), strength)


def _glowing(view: View, x: Tensor, y: Tensor, hue: Tensor, strength: Tensor) -> Field:
    step = torch.hypot(x - x.roll(1, 1), y - y.roll(1, 1)) / view.pixel
    radius = max(0.7, 1.1 * min(view.height, view.width) / 512.0)
    light = strength * (0.17 * step + 0.08) / radius
    spread = torch.full_like(x, min(radius, 2.0))
    points = Points(*(value.expand_as(x).flatten() for value in (x, y, hue, light, spread)))
    ground = torch.full((view.height, view.width), 1e-3, device=view.device)
    beam = splat(points, view, Field(ground * 0.0 + 0.3, ground))
    glow, hues = _glow(beam)
    light = glow.mul_(1.3).add_(beam.light)
    return Field(hues.mul_(1.3).addcmul_(beam.light, beam.hue).div_(light), light)


def _glow(beam: Field) -> tuple[Tensor, Tensor]:
    """Light around the beam, and light times hue: a wide Gaussian, at a quarter of the size."""
    height, width = beam.light.shape
    bright = beam.light.clamp(max=3.0)
    small = shrink(torch.stack((bright, bright * beam.hue))[None], 2)
    glow, hues = grow(gaussian_blur(small, 0.00625 * min(height, width)), 2, height, width)[0]
    return glow, hues
