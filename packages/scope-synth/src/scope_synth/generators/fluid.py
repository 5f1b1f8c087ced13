"""Fluid: ink in water, stirred by jets."""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import enlarge
from scope_gpu.image.hashing import hash_unit
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, smoothstep, turns

_SPEED_ROWS, _INK_ROWS = 112, 320
_STEP = 1.0 / 24.0
_RUN_UP, RUN_UP_STEPS = 7.0, 56
_FORCE, _INK = 8.0, 7.0
_FADE_INK, _FADE_SPEED = 0.09, 0.3


class Jet(NamedTuple):
    """Where it stands, where it pushes, and its place in the palette."""

    x: float
    y: float
    push_x: float
    push_y: float
    hue: float


class Fluid(Generator):
    """Ink in water: jets wander, their whirls pull each other into threads."""

    name = "fluid"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        jets = 3 + round(5 * p.synth_detail)
        if "ink" not in memory:
            memory |= _still(scene.view, scene.phase - _RUN_UP)
            for step in range(1 - RUN_UP_STEPS, 1):
                _advance(scene, scene.phase + _RUN_UP * step / RUN_UP_STEPS, jets, p.synth_warp, memory)
        else:
            _advance(scene, scene.phase, jets, p.synth_warp, memory)
        return _lit(scene.view, memory["ink"])


def _still(view: View, phase: float) -> Memory:
    side = min(view.height, view.width)

    def planes(rows: int) -> Tensor:
        rows = min(rows, side)
        size = (round(rows * view.height / side), round(rows * view.width / side))
        return torch.zeros(1, 2, *size, device=view.device)

    return {"phase": phase, "speed": planes(_SPEED_ROWS), "ink": planes(_INK_ROWS)}


def _advance(scene: Scene, phase: float, jets: int, warp: float, memory: Memory) -> None:
    """Move on to `phase`, in equal steps of at most a 24th of a second; a leap of more than four is cut short."""
    elapsed = min(max(phase - memory["phase"], -4.0 * _STEP), 4.0 * _STEP)
    memory["phase"] = phase
    steps = math.ceil(abs(elapsed) / _STEP)
    for step in range(steps):
        _step(
            scene.view, _jets(scene, phase - elapsed * (1.0 - (step + 1) / steps), jets), elapsed / steps, warp, memory
        )


def _jets(scene: Scene, phase: float, count: int) -> list[Jet]:
    """The jets side by side: each wanders about its place, and turns."""
    wide, high = _frame(scene.view)
    dice = hash_unit(torch.arange(count)[:, None], torch.arange(5), 0, scene.seed + 5).tolist()
    jets = []
    for number, (a, b, c, d, e) in enumerate(dice):
        angle = turns(phase, 0.13 * (0.6 + e)) * (-1.0) ** number + 2.0 * math.pi * d
        across = (2.0 * number + 1.0) / count - 1.0 + 0.25 * math.sin(turns(phase, 0.05 + 0.03 * a) + 2.0 * math.pi * b)
        down = 0.8 * math.sin(turns(phase, 0.037 + 0.02 * c) + 2.0 * math.pi * 0.618 * number + 2.0 * a)
        jets.append(
            Jet(0.85 * across * wide, down * high, math.cos(angle), math.sin(angle), 0.2 + 0.65 * (number + b) / count)
        )
    return jets


def _step(view: View, jets: list[Jet], elapsed: float, warp: float, memory: Memory) -> None:
    """Stam, "Stable Fluids", SIGGRAPH 1999, on a torus: push, whirl, take out what has sources, and carry along."""
    speed, ink = memory["speed"], memory["ink"]
    size, time = 0.13 * view.scale, abs(elapsed)
    for jet in jets:
        push = _spot(view, speed.shape, jet, size) * (_FORCE * view.scale * elapsed)
        speed[0].add_(push * torch.tensor((jet.push_x, jet.push_y), device=view.device)[:, None, None])
        drop = _spot(view, ink.shape, jet, 0.75 * size) * (_INK * time)
        ink[0, 0].add_(drop)
        ink[0, 1].add_(drop, alpha=jet.hue)
    speed = solenoidal(_whirled(speed, (0.25 + 0.9 * warp) * 8.0 * time))
    memory["ink"] = _carried(view, ink, speed, elapsed, "zeros").mul_(math.exp(-_FADE_INK * time))
    memory["speed"] = _carried(view, speed, speed, elapsed, "reflection").mul_(math.exp(-_FADE_SPEED * time))


def _frame(view: View) -> tuple[float, float]:
    """How far the frame reaches at scale 1."""
    return view.reach[0] * view.scale, view.reach[1] * view.scale


def _spot(view: View, shape: torch.Size, jet: Jet, size: float) -> Tensor:
    """A Gaussian about the place of a jet, HW."""
    rows, columns = shape[-2:]
    wide, high = _frame(view)
    across = ((torch.arange(columns, device=view.device) + 0.5) * (2.0 * wide / columns) - (wide + jet.x)) / size
    down = ((torch.arange(rows, device=view.device) + 0.5) * (2.0 * high / rows) - (high + jet.y)) / size
    return torch.exp(-down.square())[:, None] * torch.exp(-across.square())


def solenoidal(speed: Tensor) -> Tensor:
    """The part of a field (1, 2, H, W) on a torus that has no sources: per wave vector k, minus k (k . v) / k^2."""
    height, width = speed.shape[-2:]
    waves = torch.fft.rfft2(speed[0])
    kx = torch.fft.rfftfreq(width, device=speed.device)
    ky = torch.fft.fftfreq(height, device=speed.device)[:, None]
    along = (kx * waves[0] + ky * waves[1]) / (kx * kx + ky * ky).clamp(min=1e-12)
    free = torch.stack((waves[0] - kx * along, waves[1] - ky * along))
    return torch.fft.irfft2(free, s=(height, width))[None]


def _whirled(speed: Tensor, strength: float) -> Tensor:
    """Vorticity confinement (Fedkiw, "Visual Simulation of Smoke", SIGGRAPH 2001): gives back the whirls that the grid
    swallows.
    """
    u, v = speed[0]
    curl = torch.gradient(v, dim=1)[0] - torch.gradient(u, dim=0)[0]
    down, across = torch.gradient(curl.abs())
    push = curl.mul_(strength) / torch.hypot(across, down).add_(1e-5)
    return torch.stack((u + push * down, v - push * across))[None]


def _carried(view: View, planes: Tensor, speed: Tensor, elapsed: float, beyond: str) -> Tensor:
    """Planes (1, C, H, W) after they went along with a speed: looked up where they came from."""
    rows, columns = planes.shape[-2:]
    wide, high = _frame(view)
    if speed.shape[-2:] != planes.shape[-2:]:
        speed = enlarge(speed, rows, columns)
    across = (torch.arange(columns, device=view.device) * 2 + 1) / columns - 1.0
    down = (torch.arange(rows, device=view.device) * 2 + 1) / rows - 1.0
    where = torch.stack(
        (across - speed[0, 0] * (elapsed / wide), down[:, None] - speed[0, 1] * (elapsed / high)), dim=-1
    )
    return F.grid_sample(planes, where[None], mode="bilinear", padding_mode=beyond, align_corners=False)


def _lit(view: View, ink: Tensor) -> Field:
    """Ink as a thick liquid under a light from the upper left, on the dark end of the palette."""
    light, tinted = enlarge(ink, view.height, view.width)[0]
    hue = tinted / light.clamp(min=1e-4)
    body = 1.0 - torch.exp(light * -1.3)
    slope_x, slope_y = (torch.gradient(body, dim=dim)[0] for dim in (1, 0))
    relief = (slope_x * 0.5).add_(slope_y, alpha=0.7).mul_(6.0 * view.height / _INK_ROWS).clamp_(-0.5, 0.9)
    thick = smoothstep(0.0, 0.25, body)
    return Field(0.08 + (hue - 0.08) * thick + 0.2 * (body - 0.5), (0.35 + 1.05 * body).mul_(1.0 + relief))
