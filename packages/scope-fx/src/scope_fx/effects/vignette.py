"""Vignette: darkness that grows towards the corners."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.hashing import dither
from scope_gpu.image.warp import coordinates
from scope_gpu.plugin.controls import unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory


class VignetteFields(BaseModel):
    group: ClassVar[str] = "Lens"

    vignette: float = unit_slider("Vignette", "Darken the corners")
    vignette_size: float = unit_slider("Vignette size", "How much of the picture stays bright", 0.4)


class Numbers(NamedTuple):
    """`focal`: the focal length, in units of the distance from the center to a corner."""

    amount: float
    focal: float


class Maps(NamedTuple):
    """`light`: squared distances from the center, then what is left of the light there."""

    light: Tensor
    dither: Tensor


class Vignette(Effect):
    """The light falls by the fourth power of the cosine of the angle to a lens's axis (Kingslake, "Optics in
    Photography", 1992), here 1 / (1 + (r / f)^2)^2 with r = 1 in the corners.

    A dither of less than a step of 8 bits keeps the slow fall from breaking into bands.
    """

    fields = VignetteFields
    pointwise = True
    keeps_state = False

    def maps(self, size: tuple[int, int], device: torch.device, variant: None) -> Maps:
        height, width = size
        x, y = coordinates(height, width, device)
        return Maps((x * x + y * y) / (1.0 + (width / height) ** 2), dither(size, device))

    def numbers(self, p: VignetteFields, context: Context) -> Numbers:
        return Numbers(p.vignette, 0.5 + 1.5 * p.vignette_size)

    def plan(self, n: Numbers, maps: Maps) -> Maps:
        falloff = (1.0 + maps.light / n.focal**2) ** -2.0
        return maps._replace(light=1.0 + n.amount * (falloff - 1.0))

    def apply(self, frame: Tensor, n: Numbers, plan: Maps, memory: Memory) -> Tensor:
        return torch.addcmul(plan.dither, frame, plan.light, out=frame).clamp_(0.0, 1.0)
