"""Bars: oscillators that draw across a screen and bend one another."""

import math

import torch
from torch import Tensor

from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, turns


class Bars(Generator):
    """Oscillators across the screen, as in an analog video synthesizer."""

    name = "bars"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return bars(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def bars(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """A horizontal and a vertical oscillator, each frequency-modulated by a slow one, through a comparator.

    Args:
        phase: seconds; the oscillators drift against one another.
        detail: 0 to 1, from two to nine bars.
        warp: the depth of modulation.
    """
    x, y = view.axes()
    shift = seed % 997 * 2.399963
    count = 1.0 + 3.5 * detail
    swayed = torch.sin(x * 0.9 - turns(phase, 0.07) + shift).mul_(1.3).add_(turns(phase, 0.11))
    slow = (y * 2.1 + swayed).sin_()
    bent = (torch.sin(y * 1.3 + turns(phase, 0.05)).mul_(-1.6) + (x * 1.7 - turns(phase, 0.09) + shift)).sin_()
    across = (slow * (3.2 * warp)).add_(x * (count * math.pi) + 2.0 * turns(phase, 0.095))
    down = bent.mul_(2.6 * warp).add_(y * (count * 0.5 * math.pi) - turns(phase, 0.13) + shift)
    one = _shaped(torch.sin(across))
    other = _shaped((across * 0.5).sin_().mul_(0.8 * warp).add_(down).sin_())
    ridge = across.cos_().mul_(0.5).add_(0.5).mul_(down.cos_().mul_(0.4).add_(0.6))
    hue = slow.mul_(0.1).add_(0.18).add_(one, alpha=0.36).add_(other, alpha=0.3)
    light = torch.maximum(one, other.mul_(0.9)).mul_(0.62).add_(0.1).addcmul_(ridge, one.add_(0.3), value=0.55)
    return Field(hue, light)


def _shaped(wave: Tensor) -> Tensor:
    """A comparator with a soft knee: 0 to 1; in place."""
    return wave.mul_(7.0).sigmoid_()
