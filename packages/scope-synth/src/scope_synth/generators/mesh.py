"""Mesh: wide silky gradients."""

import math

import torch
from torch import Tensor

from scope_gpu.image.hashing import hash_unit
from scope_gpu.image.noise import fbm_grid
from scope_synth.generators.base import Generator, Memory, Scene, SharedFields
from scope_synth.view import Field, View, drawn_coarsely, shares, turns

# No light comes near this one.
_SHOULDER = 1.2


class Mesh(Generator):
    """Wide gradients between drifting colors."""

    name = "mesh"

    def draw(self, scene: Scene, p: SharedFields, memory: Memory) -> Field:
        return mesh(scene.view, scene.phase, scene.seed, p.synth_detail, p.synth_warp)


def mesh(view: View, phase: float, seed: int, detail: float, warp: float) -> Field:
    """Colors of a few drifting points, blended by inverse distance (Shepard, "A two-dimensional interpolation function
    for irregularly-spaced data", 1968) over a bent plane, with the sheen of folded cloth.

    Args:
        phase: seconds of motion.
        detail: 0 to 1, from 4 to 10 points.
        warp: how far the plane is bent.
    """
    x, y = view.grid()
    bend_x, bend_y = drawn_coarsely(view, lambda half: _bends(half, phase, seed))
    x.add_(bend_x, alpha=1.9 * warp)
    y.add_(bend_y, alpha=1.9 * warp)
    hue, light = _blended(x, y, view, phase, seed, 4.0 + 6.0 * detail)
    fold = (bend_x - bend_y).mul_(7.0).add_(x.add_(y), alpha=1.1).add_(turns(phase, 0.05))
    # A thread of light along each fold, and a finer one beside it.
    thread = fold.mul(2.0).add_(x.sub(y), alpha=1.6).cos_().sub_(1.0).mul_(5.0).exp_()
    sheen = fold.cos_().sub_(1.0).mul_(1.6).exp_()
    return Field(hue, _shouldered(light.mul_(sheen.mul_(0.55).addcmul_(thread, sheen + 0.25, value=0.3).add_(0.62))))


def _shouldered(light: Tensor) -> Tensor:
    """Light from 0 on, written over: what is dim stays, 1.4 becomes 1. Else cloth in pale colors is one white hole."""
    return light.mul_(light.div(_SHOULDER).square_().square_().add_(1.0).rsqrt_().sqrt_())


def _bends(view: View, phase: float, seed: int) -> list[Tensor]:
    spans, time = view.spans(0.7), phase * 0.1
    return [fbm_grid(*spans, time + 3.1 * k, seed + 41 + k, view.device, 2.0) for k in range(2)]


def _blended(x: Tensor, y: Tensor, view: View, phase: float, seed: int, count: float) -> tuple[Tensor, Tensor]:
    wide, high = (reach * view.scale for reach in view.reach)
    dice = hash_unit(torch.arange(math.ceil(count))[:, None], torch.arange(4), 0, seed).tolist()
    hue, light, total = torch.zeros_like(x), torch.zeros_like(x), torch.zeros_like(x)
    for number, ((a, b, c, d), share) in enumerate(zip(dice, shares(count), strict=True)):
        angle = 2.0 * math.pi * number * 0.618034
        out = math.sqrt((number + 0.5) / count)
        place_x = wide * out * math.cos(angle) + 0.4 * math.sin(2.0 * math.pi * a + turns(phase, 0.05 + 0.03 * b))
        place_y = high * out * math.sin(angle) + 0.4 * math.sin(2.0 * math.pi * c + turns(phase, 0.05 + 0.03 * d))
        weight = (x - place_x).square_().add_((y - place_y).square_()).add_(0.16).square_().reciprocal_()
        total.add_(weight, alpha=share)
        hue.add_(weight, alpha=share * (0.12 + 0.62 * (number + a) / count))
        light.add_(weight, alpha=share * (0.6 + 0.55 * b))
    return hue.div_(total), light.div_(total)
