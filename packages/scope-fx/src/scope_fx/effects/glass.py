"""Glass: the picture through a lens, a swirl, ripples or ribbed glass."""

import math
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.bands import in_bands
from scope_gpu.image.warp import coordinates, grid, read
from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# At amount 1: how much larger a bulge makes its middle, how much smaller a pinch, turns of a swirl, the height of ripples
# in their own length, and how much wider than itself a rib shows what is behind it.
_BULGE, _PINCH, _SWIRL, _RIPPLE, _RIBS = 0.75, 1.6, 0.9, 0.22, 5.0
# Light on the slopes of ripples and ribs.
_GLINT = 0.3


class GlassFields(BaseModel):
    group: ClassVar[str] = "Geometry"

    glass: float = unit_slider("Glass", "See the picture through curved glass")
    glass_kind: Literal["bulge", "pinch", "swirl", "ripple", "ribs"] = choice(
        "Glass kind", "A lens that enlarges or reduces, a swirl, rings of waves, or upright ribs", "ribs"
    )
    glass_size: float = unit_slider("Glass size", "Of the lens or swirl, or the width of waves and ribs", 0.5)
    glass_x: float = unit_slider("Glass across", "Where its middle is, left to right", 0.5)
    glass_y: float = unit_slider("Glass down", "Where its middle is, top to bottom", 0.5)
    glass_phase: float = unit_slider("Glass phase", "Move waves outwards and ribs sideways; 1 is as 0")


class Numbers(NamedTuple):
    """`size`: a radius, or the length of a wave, in units of half the height, as the middle."""

    amount: float
    size: float
    right: float
    down: float
    phase: float


class Maps(NamedTuple):
    x: Tensor
    y: Tensor
    kind: str


class Glass(Effect):
    """Each kind of glass is a movement of points that vanishes with the amount; waves and ribs catch some light."""

    fields = GlassFields
    keeps_state = False

    def variant(self, p: GlassFields, context: Context) -> str:
        return p.glass_kind

    def maps(self, size: tuple[int, int], device: torch.device, variant: str) -> Maps:
        return Maps(*coordinates(*size, device), variant)

    def numbers(self, p: GlassFields, context: Context) -> Numbers:
        waves = p.glass_kind in ("ripple", "ribs")
        size = 0.04 * 16.0**p.glass_size if waves else 0.3 + 1.7 * p.glass_size
        aspect = context.width / context.height
        return Numbers(p.glass, size, (2.0 * p.glass_x - 1.0) * aspect, 2.0 * p.glass_y - 1.0, p.glass_phase)

    def plan(self, n: Numbers, maps: Maps) -> tuple[Tensor, Tensor | None]:
        height, width = maps.y.shape[-2], maps.x.shape[-1]
        x, y = maps.x - n.right, maps.y - n.down
        if maps.kind == "ribs":
            x, glint = ribs(x, n)
        elif maps.kind == "ripple":
            x, y, glint = ripples(x, y, n)
        else:
            (x, y), glint = lens(x, y, n, maps.kind), None
        where = grid(x + n.right, y + n.down, height, width)
        return where, None if glint is None else (1.0 + glint * n.amount).expand(height, width)

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor, Tensor | None], memory: Memory) -> Tensor:
        where, light = plan
        frame = read(frame, where)
        return frame if light is None else in_bands(lambda band, light: (band * light).clamp_(0.0, 1.0), frame, light)


def lens(x: Tensor, y: Tensor, n: Numbers, kind: str) -> tuple[Tensor, Tensor]:
    """Points under a lens or a swirl, which end smoothly at their rim."""
    inside = (1.0 - (x * x + y * y) / (n.size * n.size)).clamp_(min=0.0)
    share = inside * inside * n.amount
    if kind == "swirl":
        cos, sin = torch.cos(share * (math.tau * _SWIRL)), torch.sin(share * (math.tau * _SWIRL))
        return x * cos - y * sin, x * sin + y * cos
    scale = 1.0 - share * _BULGE if kind == "bulge" else 1.0 + share * _PINCH
    return x * scale, y * scale


def ripples(x: Tensor, y: Tensor, n: Numbers) -> tuple[Tensor, Tensor, Tensor]:
    """Points under rings of waves, which are as high as they are far from the middle up to a wave's length; and light."""
    radius = torch.sqrt(x * x + y * y + 1e-6)
    place = (radius / n.size - n.phase) * math.tau
    height = (radius / n.size).clamp(max=1.0)
    scale = 1.0 + torch.sin(place) * height * (n.amount * _RIPPLE * n.size) / radius
    return x * scale, y * scale, torch.cos(place) * height * (0.6 * _GLINT)


def ribs(x: Tensor, n: Numbers) -> tuple[Tensor, Tensor]:
    """Points behind upright ribs, each a lens of its own; and light, which falls from the side."""
    place = x / n.size - n.phase
    local = place - place.floor() - 0.5
    return x + local * (n.amount * _RIBS * n.size), (local * 2.0) ** 3 * -_GLINT
