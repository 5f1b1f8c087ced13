"""A flight through a winding tunnel of glowing ribs."""

import math

import torch
from torch import Tensor

from scope_gpu.image.noise import fbm_points
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, smoothstep, turns

_CELLS_AROUND = 16
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
    travel = math.fmod(phase * _PACE, 64.0)
    noise = fbm_points(
        angle * _CELLS_AROUND, (depth + travel) * 3.0, phase * 0.1, seed, 1.0 + 4.0 * detail, (_CELLS_AROUND, 64)
    )
    ring = _line(depth * (_RINGS * 2.0 * math.pi) + turns(phase, _PACE * _RINGS) + noise * 1.6)
    rib = _line(angle * (_RIBS * 2.0 * math.pi) + noise * 1.2)
    # A ring at depth d is 1 / d^2 wide: where that nears a pixel, lines and wall give way to the light at the end.
    finest = math.sqrt(1.0 / view.pixel)
    far = smoothstep(0.12 * finest, 0.5 * finest, depth)
    lines = (ring + 0.55 * rib) * (1.0 - far)
    fog = torch.exp(depth * -0.17)
    light = fog * (0.14 + 0.8 * smoothstep(-0.2, 0.3, noise) + 1.1 * lines) * (1.0 - far) + 0.7 * far
    end = 1.1 * torch.exp((1.0 / depth - _FAR) * -7.0)
    hue = noise * 0.45 + depth.clamp(max=8.0) * 0.09 + lines * 0.1
    return Field(hue + (0.66 - hue) * far, light + end)


def _wall(view: View, phase: float, warp: float) -> tuple[Tensor, Tensor]:
    """Where the ray of each pixel meets the wall: turns around the axis, and radii ahead."""
    x, y = view.grid()
    x.sub_(0.3 * warp * math.sin(turns(phase, 0.06)))
    y.sub_(0.3 * warp * math.cos(turns(phase, 0.045)))
    depth = (x * x).addcmul_(y, y).add_(_FAR**2).rsqrt_()
    bend = 0.3 * warp * math.sin(turns(phase, 0.05))
    return torch.atan2(y, x).div_(2.0 * math.pi).add_(depth, alpha=0.08 * bend), depth


def _line(angle: Tensor) -> Tensor:
    """A soft line where the angle is a whole number of turns."""
    return torch.exp((angle.cos() - 1.0).mul_(9.0))
