"""Fire: flames and sparks."""

import math

import torch

from scope_gpu.image.hashing import hash_unit
from scope_gpu.image.noise import fbm_grid, fbm_sheet
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.splat import Points, splat
from scope_synth.view import Field, View, smoothstep, turns

_RISE = 0.9


class Fire(Generator):
    """Flames along the lower edge, with sparks."""

    name = "fire"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return fire(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def fire(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """Rising noise that is torn apart by further noise, cooler with height; heat is a place in the palette.

    Args:
        phase: seconds of burning.
        detail: 0 to 1, from two to five octaves, and the number of sparks.
        warp: how far flames are torn sideways.
    """
    x, y = view.grid()
    height = (1.0 - y / view.reach[1]).mul_(0.5)
    # Noise starts again after 64 cells, and so may ways over it.
    travel, slow = math.fmod(phase * _RISE, 64.0), math.fmod(phase * _RISE * 0.5, 64.0)
    sway = fbm_grid(*view.spans(1.4, (0.0, slow)), phase * 0.2, seed + 71, view.device, 2.0)
    sway.mul_(height + 0.25)
    wide, high = view.reach
    torn = 0.2 + 0.9 * warp
    right, below = 2.0 * (wide + torn), 0.9 * high
    octaves, pixel = 2.0 + 3.0 * detail, 0.9 * view.pixel
    area = (-right, right), (travel - below, travel + below)
    sheet = fbm_sheet(*area, phase * 0.25, seed + 72, view.device, octaves, pixel=pixel)
    tongues = sheet.read(x.add_(sway, alpha=torn).mul_(2.0), y.mul_(0.9).add_(travel))
    heat = (1.02 - 1.4 * height).add_(tongues, alpha=1.5).sub_(0.1).clamp_(0.0, 1.25)
    light = smoothstep(0.0, 0.5, heat) * (0.22 + 0.72 * heat) + 0.03 + 0.16 * torch.exp(height * -2.5)
    return splat(_sparks(view, phase, seed, 20 + round(100 * detail)), view, Field(0.06 + 0.56 * heat, light))


def _sparks(view: View, phase: float, seed: int, count: int) -> Points:
    number = torch.arange(count, device=view.device)
    place, start, swing, pace = (hash_unit(number, number * 0 + k, 0, seed + 73) for k in range(4))
    # Whole paces, so that time may start again.
    risen = torch.remainder(start + math.fmod(phase * 0.11, 1.0) * (1.0 + (pace * 3.0).floor()), 1.0)
    wide, high = view.reach
    side = torch.sin(risen * 9.0 + swing * 6.3 + turns(phase, 0.1)) * (0.05 + 0.14 * risen)
    light = ((1.0 - risen) * 2.0).clamp_(max=1.0) * (risen * 6.0).clamp_(max=1.0) * (0.5 + 0.6 * swing)
    radius = (0.6 + 0.8 * pace) * min(view.height, view.width) / 512.0
    return Points(
        (place * 2.0 - 1.0) * wide + side,
        high * (1.0 - 2.1 * risen),
        0.62 - 0.2 * risen,
        light,
        radius.clamp_(0.5, 1.5),
    )
