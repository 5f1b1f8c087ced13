"""Light rays: highlights that streak away from a point, as through haze."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.bloom import beyond_display, highlights, spill
from scope_gpu.image.blur import Growing, growing, shrink
from scope_gpu.image.warp import coordinates, grid, read
from scope_gpu.plugin.controls import unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Rays are made at a quarter of the size, of two to the power of so many copies.
_QUARTER, _DOUBLINGS = 2, 6
# How far light travels at length 1, in doublings of its distance from the source, and what is left of it there.
_REACH, _LEFT = 2.2, 0.12
_STRENGTH, _BOOST, _CROWD = 6.0, 2.0, 14.0


class RaysFields(BaseModel):
    group: ClassVar[str] = "Light"

    rays: float = unit_slider("Light rays", "Highlights that streak away from a source of light")
    rays_threshold: float = unit_slider("Light rays threshold", "Brightness from which light streaks", 0.6)
    rays_length: float = unit_slider("Light rays length", "How far it reaches", 0.6)
    rays_x: float = unit_slider("Light rays across", "Where the source is, left to right", 0.5)
    rays_y: float = unit_slider("Light rays down", "Where the source is, top to bottom", 0.3)


class Numbers(NamedTuple):
    """`right`, `down`: the source. `scales`: how much nearer to it each copy is read, and `kept`, what is left of its light."""

    strength: float
    threshold: float
    right: float
    down: float
    scales: tuple[float, ...]
    kept: tuple[float, ...]


class Rays(Effect):
    """Light scattered towards the eye along its way (Mitchell, "Volumetric light scattering as a post-process", GPU Gems 3,
    2007): the sum of 64 copies that are ever larger about the source and ever fainter, made in six steps.
    """

    fields = RaysFields
    pointwise = True
    looks = True
    keeps_state = False

    def maps(self, size: tuple[int, int], device: torch.device, variant: None) -> tuple[Tensor, Tensor]:
        height, width = (-(-side // 2**_QUARTER) for side in size)
        return coordinates(height, width, device)

    def numbers(self, p: RaysFields, context: Context) -> Numbers:
        parts = [2.0 ** (doubling - _DOUBLINGS) for doubling in range(_DOUBLINGS)]
        aspect = context.width / context.height
        return Numbers(
            _STRENGTH * p.rays,
            p.rays_threshold**2,
            (2.0 * p.rays_x - 1.0) * aspect,
            2.0 * p.rays_y - 1.0,
            tuple(2.0 ** (-_REACH * p.rays_length * part) for part in parts),
            tuple(_LEFT**part for part in parts),
        )

    def plan(self, n: Numbers, maps: tuple[Tensor, Tensor]) -> list[Tensor]:
        x, y = maps
        height, width = y.shape[-2], x.shape[-1]
        return [grid((x - n.right) * s + n.right, (y - n.down) * s + n.down, height, width) for s in n.scales]

    def look(self, frame: Tensor, n: Numbers, plan: list[Tensor], memory: Memory) -> Tensor | Growing:
        """The share of darkness that the rays leave."""
        small = shrink(frame, _QUARTER)
        light = highlights(small * small, n.threshold) * (1.0 + _BOOST * beyond_display(small))
        # The more light there is, the less of it each place scatters: a bright picture gets rays and no fog.
        light = light / (1.0 + light.mean() * _CROWD)
        for where, kept in zip(plan, n.kept, strict=True):
            light = (light + read(light, where, "border") * kept) / (1.0 + kept)
        return growing(torch.exp(light * -n.strength), _QUARTER, *frame.shape[-2:])

    def apply(self, frame: Tensor, n: Numbers, plan: Tensor, memory: Memory) -> Tensor:
        return spill(frame, plan)
