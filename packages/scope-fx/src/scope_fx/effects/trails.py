"""Feedback trails: every frame leaves light behind that moves, fades and changes colour."""

import math
from typing import Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.color import Matrix, hue_matrix, mix_channels
from scope_gpu.image.warp import coordinates, grid, read, turned
from scope_gpu.plugin.controls import choice, slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory


class TrailsFields(BaseModel):
    trails: float = unit_slider("Trails", "Share of the last picture that is left after a frame; 1 keeps it for ever")
    trails_mode: Literal["lighten", "screen", "blend"] = choice(
        "Trails mode", "Keep the brighter of frame and trail, add their light, or average them", "lighten"
    )
    trails_zoom: float = slider("Trails zoom", "Growth of the trail in percent a frame", 2.0, -10.0, 10.0)
    trails_rotation: float = slider("Trails rotation", "Turn of the trail in degrees a frame", 0.0, -10.0, 10.0)
    trails_hue: float = slider("Trails hue", "Change of the trail's hue in degrees a frame", 0.0, -30.0, 30.0)


class Variant(NamedTuple):
    """How frame and trail meet, and what happens to the trail from one frame to the next."""

    mode: str
    moves: bool
    changes_hue: bool


class Numbers(NamedTuple):
    amount: float
    cos: float
    sin: float
    hue: Matrix


class Maps(NamedTuple):
    x: Tensor
    y: Tensor
    variant: Variant


class Trails(Effect):
    """Remembers the last picture it made. The amount is the share of it that is left after a frame."""

    fields = TrailsFields

    def variant(self, p: TrailsFields, context: Context) -> Variant:
        return Variant(p.trails_mode, bool(p.trails_zoom or p.trails_rotation), bool(p.trails_hue))

    def maps(self, size: tuple[int, int], device: torch.device, variant: Variant) -> Maps:
        return Maps(*coordinates(*size, device), variant)

    def numbers(self, p: TrailsFields, context: Context) -> Numbers:
        angle, scale = -math.radians(p.trails_rotation), 1.0 / (1.0 + p.trails_zoom / 100.0)
        return Numbers(p.trails, scale * math.cos(angle), scale * math.sin(angle), hue_matrix(p.trails_hue))

    def plan(self, n: Numbers, maps: Maps) -> tuple[Tensor | None, Variant]:
        size = (maps.y.shape[-2], maps.x.shape[-1])
        where = grid(*turned(maps.x, maps.y, n.cos, n.sin), *size) if maps.variant.moves else None
        return where, maps.variant

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor | None, Variant], memory: Memory) -> Tensor:
        where, (mode, _, changes_hue) = plan
        if "last" in memory:
            last = memory["last"] if where is None else read(memory["last"], where)
            if changes_hue:
                last = mix_channels(last, n.hue).clamp_(0.0, 1.0)
            frame = meet(frame, last, n.amount, mode)
        memory["last"] = frame
        return frame


def meet(frame: Tensor, last: Tensor, amount: float, mode: str) -> Tensor:
    """A frame and its trail in one picture, 1CHW [0, 1].

    "lighten" keeps the brighter of the frame and the fading trail, "screen" adds the trail's light to the frame without
    clipping, "blend" averages the two with weights 1 - amount and amount.
    """
    if mode == "blend":
        return torch.lerp(frame, last, amount)
    faded = last * amount
    return torch.maximum(frame, faded) if mode == "lighten" else 1.0 - (1.0 - frame) * (1.0 - faded)
