"""Kaleidoscope: a plane folded again and again."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, in_strips, shares, turns


class Kaleidoscope(Generator):
    """Rings of light in a plane that is folded again and again."""

    name = "kaleidoscope"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return kaleidoscope(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def kaleidoscope(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """An iterated function system: mirror on both axes, shift, turn, enlarge (Quilez, "Folding Space", and the Kali set);
    every fold adds its rings of light.

    Args:
        phase: seconds; the mirrors turn.
        seed: where the turning starts.
        detail: 0 to 1, from two to six folds.
        warp: how far each fold turns.
    """
    shift = 0.5 + 0.07 * math.sin(turns(phase, 0.043))
    angle = 0.35 + 0.9 * warp + 0.25 * math.sin(turns(phase, 0.021) + seed % 97)
    folds, start = _Folds(2.0 + 4.0 * detail, shift, angle), turns(phase, 0.1)
    x, y = view.grid(0.95)
    spin = turns(phase, 0.012) + seed % 89 * 0.7
    x, y = x * math.cos(spin) - y * math.sin(spin), x * math.sin(spin) + y * math.cos(spin)
    hue, light = in_strips(lambda x, y: _rings(x, y, folds, start), x, y)
    return Field(hue.add_(math.fmod(phase * 0.01, 1.0)), light)


class _Folds(NamedTuple):
    """How often the plane is folded, and how far each fold shifts and turns it."""

    count: float
    shift: float
    angle: float


def _rings(x: Tensor, y: Tensor, folds: _Folds, start: float) -> tuple[Tensor, Tensor]:
    """Hue and light of the rings; the places are written over."""
    reach = torch.hypot(x, y)
    fade = torch.exp(-0.55 * reach)
    light, hue, tint = torch.full_like(x, 0.05), torch.full_like(x, 0.05 * 0.3), reach.mul_(0.16).add_(0.3)
    cos, sin = math.cos(folds.angle) * 1.42, math.sin(folds.angle) * 1.42
    for fold, share in enumerate(shares(folds.count)):
        x.abs_().sub_(folds.shift)
        y.abs_().sub_(folds.shift * 0.8)
        x, y = (x * cos).sub_(y, alpha=sin), x.mul_(sin).add_(y, alpha=cos)
        ring = (x * x).addcmul_(y, y).sqrt_().mul_(fade).mul_(7.0).add_(fold - start).sin_().abs_()
        glow = ring.add_(0.035).reciprocal_().mul_(0.075)
        # To the power of 1.25.
        glow.mul_(glow.sqrt().sqrt_())
        light.add_(glow, alpha=share * 0.62 * 0.86**fold)
        hue.addcmul_(glow, tint, value=share * 0.62 * 0.86**fold)
        tint.add_(0.11)
    return hue.div_(light), light
