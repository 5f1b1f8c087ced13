"""Julia sets along the border of the Mandelbrot set."""

import cmath
import math

import torch
from torch import Tensor

from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, smoothstep, turns

_ESCAPE = 256.0
_HELD = 1e9
# After how many iterations orbits that have left are put aside.
_ROUND = 8


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
    light, hue = _lit(*_escape(x, y, c, iterations), iterations)
    return Field(_both_halves(hue.add_(math.fmod(phase * 0.02, 1.0)), view.height), _both_halves(light, view.height))


def _lit(count: Tensor, modulus: Tensor, closest: Tensor, iterations: int) -> tuple[Tensor, Tensor]:
    """Light and hue: jewels inside, where orbits came close to the middle; bands and a halo around."""
    inside = (count >= iterations).to(count.dtype)
    smooth = count.add_(1.0).sub_(modulus.log_().div_(2.0 * math.log(_ESCAPE)).clamp_(min=1e-3).log2_())
    share = (smooth / iterations).clamp_(0.0, 1.0)
    halo = smoothstep(3.0 / iterations, 13.0 / iterations, share)
    jewel = closest.sqrt_().mul_(-5.0).exp_()
    # Far from the set the field of its potential fills the frame: dim bands, the brighter the nearer.
    near = smooth.clamp(0.0, 8.0).mul_(0.035).add_(0.1)
    around = smooth.mul_(2.0 * math.pi).cos_().mul_(0.25).add_(1.0).mul_(near).mul_(1.0 - 0.8 * halo)
    around.add_((share * -4.0).exp_().neg_().add_(1.0).mul_(halo)).add_(jewel, alpha=0.25)
    light = around.lerp_((jewel * 1.2).add_(0.3), inside)
    return light, share.sqrt_().mul_(1.8).add_(0.12).lerp_(jewel.mul_(0.6).add_(0.25), inside)


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
    """How many iterations each point stays within 256, its squared modulus just after, and the least on its way."""
    count, last, closest = torch.zeros_like(x), torch.zeros_like(x), torch.full_like(x, 4.0)
    orbits = torch.stack((x, y, count, last, closest)).flatten(1)
    _followed(orbits, c, iterations)
    count, last, closest = orbits[2:].view(3, *x.shape)
    return count, last, closest


def _followed(orbits: Tensor, c: complex, iterations: int) -> None:
    """Iterate orbits (5, N) of x, y, count, squared modulus and the least of it, written over.

    On CPUs those that have left are put aside every few iterations; GPUs would have to wait for their number.
    """
    some = min(_ROUND, iterations) if orbits.device.type == "cpu" else iterations
    _iterated(orbits, c, some)
    if some == iterations:
        return
    staying = (orbits[3] <= _ESCAPE**2).nonzero().view(-1)
    inner = orbits.index_select(1, staying)
    if len(staying):
        _followed(inner, c, iterations - some)
    for row, part in zip(orbits[2:], inner[2:], strict=True):
        row.index_copy_(0, staying, part)


def _iterated(orbits: Tensor, c: complex, iterations: int) -> None:
    """Points that have left are held where their squares are still numbers, and `inside` keeps them from being looked at
    again. It is a number because CPUs vectorise a lerp and do not vectorise a choice.
    """
    x, y, count, last, closest = orbits
    xx, yy, inside = (torch.empty_like(x) for _ in range(3))
    for _ in range(iterations):
        torch.mul(x, x, out=xx)
        torch.mul(y, y, out=yy)
        torch.le(last, _ESCAPE**2, out=inside)
        count.add_(inside)
        y.mul_(x).mul_(2.0).add_(c.imag).clamp_(-_HELD, _HELD)
        torch.sub(xx, yy, out=x).add_(c.real).clamp_(-_HELD, _HELD)
        last.lerp_(xx.add_(yy), inside)
        torch.minimum(closest, last, out=closest)
