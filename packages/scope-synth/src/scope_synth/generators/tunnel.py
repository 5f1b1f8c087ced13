"""A flight through a winding tunnel of glowing ribs."""

import math

import torch
from torch import Tensor

from scope_gpu.image.noise import fbm_sheet
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, smoothstep, turns

# Cells of noise around the wall and for a radius ahead, and what is kept of them beyond the seam.
_CELLS_AROUND, _DEEP, _SEAM = 16, 3.0, 0.125
_RIBS = 14
_RINGS = 1.0
_FAR = 0.03
_PACE = 0.75


class Tunnel(Generator):
    """A flight through a winding tunnel of glowing ribs."""

    name = "tunnel"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return tunnel(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def tunnel(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """The classic plane mapping (angle, 1 / radius); the wall is noise that closes around the angle.

    Args:
        phase: seconds of flight.
        detail: 0 to 1, from one to five octaves on the wall.
        warp: 0 flies straight, 1 winds and twists.
    """
    angle, depth = _wall(view, phase, warp)
    # A ring at depth d is 1 / d^2 wide: where that nears a pixel, lines and wall give way to the light at the end.
    finest = math.sqrt(1.0 / view.pixel)
    noise = _rough(view, angle, depth, phase, seed, 1.0 + 4.0 * detail, 0.5 * finest)
    ring = _line((depth * (_RINGS * 2.0 * math.pi)).add_(noise, alpha=1.6).add_(turns(phase, _PACE * _RINGS)))
    rib = _line((angle * (_RIBS * 2.0 * math.pi)).add_(noise, alpha=1.2))
    far = smoothstep(0.12 * finest, 0.5 * finest, depth)
    near = 1.0 - far
    lines = ring.add_(rib, alpha=0.55).mul_(near)
    wall = smoothstep(-0.2, 0.3, noise).mul_(0.8).add_(lines, alpha=1.1).add_(0.14)
    light = wall.mul_(near).mul_(torch.exp(depth * -0.17)).add_(far, alpha=0.7)
    end = (depth.reciprocal().sub_(_FAR)).mul_(-7.0).exp_()
    hue = noise.mul_(0.45).add_(depth.clamp_(max=8.0), alpha=0.09).add_(lines, alpha=0.1)
    return Field(hue.lerp_(torch.full_like(hue, 0.66), far), light.add_(end, alpha=1.1))


def _rough(view: View, angle: Tensor, depth: Tensor, phase: float, seed: int, octaves: float, deepest: float) -> Tensor:
    """The noise of the wall, down to the depth beyond which nothing of it is seen."""
    travel = math.fmod(phase * _PACE, 64.0)
    # The nearest wall is in the corners, whichever way the tunnel winds.
    nearest = 1.0 / math.hypot(*(reach + 0.3 for reach in view.reach))
    half = 0.5 * _CELLS_AROUND + _SEAM
    deep = (_DEEP * (travel + nearest), _DEEP * (travel + max(deepest, nearest)))
    sheet = fbm_sheet((-half, half), deep, phase * 0.1, seed, view.device, octaves, (_CELLS_AROUND, 64))
    around = (angle - angle.round()).mul_(_CELLS_AROUND)
    return sheet.read(around, (depth + travel).mul_(_DEEP))


def _wall(view: View, phase: float, warp: float) -> tuple[Tensor, Tensor]:
    """Where the ray of each pixel meets the wall: turns around the axis, and radii ahead."""
    x, y = view.grid()
    x.sub_(0.3 * warp * math.sin(turns(phase, 0.06)))
    y.sub_(0.3 * warp * math.cos(turns(phase, 0.045)))
    depth = (x * x).addcmul_(y, y).add_(_FAR**2).rsqrt_()
    bend = 0.3 * warp * math.sin(turns(phase, 0.05))
    return torch.atan2(y, x).div_(2.0 * math.pi).add_(depth, alpha=0.08 * bend), depth


def _line(angle: Tensor) -> Tensor:
    """A soft line where the angle is a whole number of turns; in place."""
    return angle.cos_().sub_(1.0).mul_(9.0).exp_()
