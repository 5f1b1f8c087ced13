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
    x, y = view.grid()
    shift = seed % 997 * 2.399963
    count = 1.0 + 3.5 * detail
    slow = torch.sin(y * 2.1 + torch.sin(x * 0.9 - turns(phase, 0.07) + shift) * 1.3 + turns(phase, 0.11))
    bent = torch.sin(x * 1.7 - torch.sin(y * 1.3 + turns(phase, 0.05)) * 1.6 - turns(phase, 0.09) + shift)
    across = x * (count * math.pi) + slow * (3.2 * warp) + turns(phase, 0.19)
    down = y * (count * 0.5 * math.pi) + bent * (2.6 * warp) - turns(phase, 0.13) + shift
    one, other = _shaped(torch.sin(across)), _shaped(torch.sin(down + 0.8 * warp * torch.sin(across * 0.5)))
    ridge = (0.5 + 0.5 * torch.cos(across)) * (0.6 + 0.4 * torch.cos(down))
    hue = 0.18 + 0.36 * one + 0.3 * other + 0.1 * slow
    return Field(hue, 0.1 + 0.62 * torch.maximum(one, other * 0.9) + 0.55 * ridge * (0.3 + one))


def _shaped(wave: Tensor) -> Tensor:
    """A comparator with a soft knee: 0 to 1."""
    return torch.sigmoid(wave * 7.0)
