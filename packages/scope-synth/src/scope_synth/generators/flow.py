"""Flow: particles that draw their ways through a turbulent wind."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import blur_pyramid
from scope_gpu.image.hashing import hash_unit
from scope_gpu.image.noise import Span, fbm_grid
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, turns

_ROWS = 72
_PACE = 0.42
# How many times a second a particle starts anew, and how fast its trail fades.
_LIVES = 0.31
_FADE = 1.7
_RUN_UP, RUN_UP_STEPS = 1.2, 36
# Light along a way, as if as wide at every size.
_LIGHT = 0.008


class Flow(Generator):
    """Silk of light: thousands of particles in a wind without sources."""

    name = "flow"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        count = 1500 + round(4500 * p.synth_detail)
        if "canvas" not in memory:
            start = scene.phase - _RUN_UP
            memory |= _started(scene.view, start, scene.seed, count)
            for step in range(1, RUN_UP_STEPS + 1):
                _advance(scene.view, start + _RUN_UP * step / RUN_UP_STEPS, scene.seed, p.synth_warp, memory)
        else:
            _recount(scene, count, memory)
            _advance(scene.view, scene.phase, scene.seed, p.synth_warp, memory)
        return _lit(memory["canvas"])


def _started(view: View, phase: float, seed: int, count: int) -> Memory:
    canvas = torch.zeros(2, view.height, view.width, device=view.device)
    return {"phase": phase, "canvas": canvas, **_born(view, phase, seed, torch.arange(count, device=view.device))}


def _born(view: View, phase: float, seed: int, number: Tensor) -> Memory:
    """Particles by number: how often each has started anew and its age in lives, where this life begins, and its place in the
    palette.
    """
    # Whole lives are counted on the host, or else ages would be coarse after hours.
    lives, begun = math.floor(phase * _LIVES), phase * _LIVES % 1.0
    age = hash_unit(number, number * 0, 5, seed) + begun
    turn = age.floor().to(torch.int64) + lives
    u, v, hue = (hash_unit(number, turn, k, seed + 17) for k in range(3))
    wide, high = view.reach
    place = {"x": (2.2 * u - 1.1) * wide, "y": (2.2 * v - 1.1) * high, "hue": hue}
    return {"number": number, "turn": turn, "age": age - age.floor(), **place}


def _recount(scene: Scene, count: int, memory: Memory) -> None:
    """Add or take away particles: the first ones go on."""
    known = len(memory["number"])
    if count != known:
        number = torch.arange(min(known, count), count, device=scene.view.device)
        for name, added in _born(scene.view, memory["phase"], scene.seed, number).items():
            memory[name] = torch.cat((memory[name][:count], added))


def _advance(view: View, phase: float, seed: int, warp: float, memory: Memory) -> None:
    """Move on to `phase`, drawing the ways; a leap of more than a tenth of a second is cut short."""
    elapsed = min(max(phase - memory["phase"], -0.1), 0.1)
    memory["phase"] = phase
    memory["canvas"].mul_(math.exp(-_FADE * abs(elapsed)))
    if elapsed == 0.0:
        return
    _renew(view, phase, seed, memory)
    wind, hues = _wind(view, phase, seed, warp)
    steps = min(10, math.ceil(abs(elapsed) * _PACE * 1.6 / view.pixel))
    for _ in range(steps):
        _step(view, elapsed * _PACE / steps, wind, memory)
        _draw(view, hues, memory, _LIGHT * abs(elapsed) * _PACE / (steps * view.pixel**2))


def _renew(view: View, phase: float, seed: int, memory: Memory) -> None:
    born = _born(view, phase, seed, memory["number"])
    anew = born["turn"] != memory["turn"]
    memory |= {"turn": born["turn"], "age": born["age"]}
    for name in ("x", "y", "hue"):
        memory[name] = torch.where(anew, born[name], memory[name])


def _wind(view: View, phase: float, seed: int, warp: float) -> tuple[Tensor, Tensor]:
    """The curl of a noise, which has no sources (Bridson, "Curl-Noise for Procedural Fluid Flow", SIGGRAPH 2007), as
    (1, 2, rows, columns) over a frame and a tenth, on a breeze that turns; and the noise itself.
    """
    wide, high = (1.1 * reach for reach in view.reach)
    columns = round(_ROWS * wide / high)
    spans = Span(-wide, wide, columns), Span(-high, high, _ROWS)
    potential = fbm_grid(*spans, phase * 0.07, seed + 21, view.device, 1.3 + 1.9 * warp)
    cell = 2.0 * high / _ROWS
    angle, (x, y) = turns(phase, 0.017) + seed % 97, (span.positions(view.device) for span in spans)
    breeze = (x * math.cos(angle))[None, :] + (y * math.sin(angle))[:, None]
    down, across = torch.gradient(potential + 0.3 * breeze, spacing=cell)
    return torch.stack((down, -across))[None], potential[None, None]


def _step(view: View, distance: float, wind: Tensor, memory: Memory) -> None:
    speed = _at(view, wind, memory)
    memory["x"] = memory["x"] + distance * speed[0]
    memory["y"] = memory["y"] + distance * speed[1]


def _at(view: View, planes: Tensor, memory: Memory) -> Tensor:
    wide, high = (1.1 * reach for reach in view.reach)
    where = torch.stack((memory["x"] / wide, memory["y"] / high), dim=-1)[None, None]
    return F.grid_sample(planes, where, mode="bilinear", padding_mode="border", align_corners=False)[0, :, 0]


def _draw(view: View, hues: Tensor, memory: Memory, strength: float) -> None:
    """Spread the light of each particle over the four pixels around it."""
    wide, high = view.reach
    column, row = (memory["x"] + wide) / view.pixel - 0.5, (memory["y"] + high) / view.pixel - 0.5
    left, top = column.floor(), row.floor()
    right, low = column - left, row - top
    age = memory["age"]
    light = (age * 8.0).clamp_(max=1.0) * (1.0 - age) * strength
    hue = 0.42 + 1.1 * _at(view, hues, memory)[0] + 0.22 * memory["hue"]
    canvas = memory["canvas"].flatten(1)
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
        x, y = left + dx, top + dy
        shown = (x >= 0) & (x < view.width) & (y >= 0) & (y < view.height)
        share = (right if dx else 1.0 - right) * (low if dy else 1.0 - low) * light * shown
        index = (y.clamp(0, view.height - 1) * view.width + x.clamp(0, view.width - 1)).to(torch.int64)
        canvas.index_add_(1, index, torch.stack((share, share * hue)))


def _lit(canvas: Tensor) -> Field:
    glow, glow_hue = blur_pyramid(canvas[None], (0.2, 0.3, 0.3, 0.2), canvas.shape[-2:])[0]
    total = canvas[0] + 0.5 * glow
    hue = (canvas[1] + 0.5 * glow_hue) / total.clamp(min=1e-5)
    return Field(hue, 1.7 * (1.0 - torch.exp(total * -0.75)) + 0.015)
