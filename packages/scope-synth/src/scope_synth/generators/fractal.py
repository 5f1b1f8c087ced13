"""Julia sets along the border of the Mandelbrot set."""

import cmath
import math

import torch
from torch import Tensor

from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, smoothstep, turns

_ESCAPE = 256.0


class Fractal(Generator):
    """Julia sets along the border of the Mandelbrot set."""

    name = "fractal"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return fractal(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def fractal(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """Continuous escape time of z -> z^2 + c (Linas Vepstas, "Renormalizing the Mandelbrot Escape", 1997).

    Args:
        phase: seconds; c wanders along the main cardioid, slightly outside of it, while the view turns.
        seed: where on the cardioid the wandering starts.
        detail: 0 to 1, from 32 to 96 iterations.
        warp: 0 stays close to the Mandelbrot set, 1 goes further out, where the set falls into dust.
    """
    iterations = 32 + round(64 * detail)
    c = _on_cardioid(turns(phase, 0.011) + (seed % 997) * 2.399963, 1.01 + 0.07 * warp)
    x, y = _upper_half(view, turns(phase, 0.014), 0.85 + 0.2 * math.sin(turns(phase, 0.023)))
    count, modulus, closest = (_both_halves(half, view.height) for half in _escape(x, y, c, iterations))
    smooth = count + 1.0 - torch.log2(modulus.log_().div_(2.0 * math.log(_ESCAPE)).clamp_(min=1e-3))
    smooth_bands = smooth * (2.0 * math.pi / 3.0)
    share = smooth.div_(iterations).clamp_(0.0, 1.0)
    halo = smoothstep(3.0 / iterations, 13.0 / iterations, share)
    jewel = torch.exp(closest.sqrt_().mul_(-5.0))
    inside = count >= iterations
    # Far from the set the field of its potential fills the frame: wide, dim bands.
    around = (0.34 + 0.1 * torch.cos(smooth_bands)) * (1.0 - 0.8 * halo)
    light = torch.where(inside, 0.3 + 1.2 * jewel, around + halo * (1.0 - torch.exp(share * -4.0)) + 0.25 * jewel)
    drift = math.fmod(phase * 0.02, 1.0)
    return Field(torch.where(inside, 0.25 + 0.6 * jewel, 0.12 + share.sqrt() * 1.8).add_(drift), light)


def _upper_half(view: View, angle: float, zoom: float) -> tuple[Tensor, Tensor]:
    """The upper rows (with the middle one) of the plane, turned. The lower ones show the same: Julia(-z) = Julia(z)."""
    x, y = (part[: (view.height + 1) // 2] for part in view.grid(zoom))
    cos, sin = math.cos(angle), math.sin(angle)
    return x * cos - y * sin, x * sin + y * cos


def _both_halves(upper: Tensor, height: int) -> Tensor:
    return torch.cat((upper, upper[: height // 2].flip((0, 1))))


def _on_cardioid(angle: float, outwards: float) -> complex:
    """The border of the Mandelbrot set's main body, e^(ia) / 2 - e^(2ia) / 4."""
    around = cmath.exp(1j * angle)
    return outwards * (around / 2.0 - around * around / 4.0)


def _escape(x: Tensor, y: Tensor, c: complex, iterations: int) -> tuple[Tensor, Tensor, Tensor]:
    """How many iterations (at most 255) each point stays within 256, its squared modulus just after, and the least on
    its way.

    Points that have left run on to infinity and NaN; `last` keeps them from being looked at again.
    """
    last, closest = torch.zeros_like(x), torch.full_like(x, 4.0)
    count = torch.zeros_like(x, dtype=torch.uint8)
    for _ in range(iterations):
        xx, yy = x * x, y * y
        inside = last <= _ESCAPE**2
        last = torch.where(inside, xx + yy, last)
        closest = torch.minimum(closest, last)
        count += inside.view(torch.uint8)
        y = y.mul_(x).mul_(2.0).add_(c.imag)
        x = xx.sub_(yy).add_(c.real)
    return count.to(x.dtype), last, closest
