"""Gradient map: every tone of the picture in a color of its own."""

from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.ramps import ENTRIES, look_up, ramp
from scope_gpu.image.color import luma
from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory


class GradientMapFields(BaseModel):
    group: ClassVar[str] = "Color"

    gradient_map: float = unit_slider("Gradient map", "Give each brightness a color of a ramp from dark to light")
    gradient_map_colors: Literal[
        "duotone",
        "ember",
        "thermal",
        "ice",
        "aurora",
        "acid",
        "candy",
        "gold",
        "sepia",
        "phosphor",
        "mono",
    ] = choice("Gradient map colors", "The ramp", "duotone")
    gradient_map_shift: float = unit_slider(
        "Gradient map shift", "Move the colors along the tones, up the ramp and down again; a half is a negative"
    )


class Numbers(NamedTuple):
    amount: float
    shift: float


class GradientMap(Effect):
    """Luma is looked up in a ramp whose lightness grows evenly: the picture keeps its light and changes its colors."""

    fields = GradientMapFields
    keeps_state = False
    pointwise = True

    def variant(self, p: GradientMapFields, context: Context) -> str:
        return p.gradient_map_colors

    def maps(self, size: tuple[int, int], device: torch.device, variant: str) -> Tensor:
        """The ramp up and down again, (3, 2 * ENTRIES)."""
        up = ramp(variant)
        return torch.cat((up, up.flip(-1)), dim=-1).to(device)

    def numbers(self, p: GradientMapFields, context: Context) -> Numbers:
        return Numbers(p.gradient_map, p.gradient_map_shift)

    def plan(self, n: Numbers, maps: Tensor) -> Tensor:
        places = torch.arange(ENTRIES, device=maps.device) + n.shift * (2.0 * ENTRIES)
        return maps[:, places.to(torch.int64).remainder_(2 * ENTRIES)]

    def apply(self, frame: Tensor, n: Numbers, plan: Tensor, memory: Memory) -> Tensor:
        return torch.lerp(frame, look_up(luma(frame), plan), n.amount)
