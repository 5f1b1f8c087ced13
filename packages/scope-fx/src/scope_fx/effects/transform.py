"""Transform: the picture moved, turned and zoomed."""

import math
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import shrink
from scope_gpu.image.warp import coordinates, grid, turned
from scope_gpu.plugin.controls import choice, slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# What grid_sample calls them. A repeated picture is read at wrapped coordinates.
_PADDING = {"mirror": "reflection", "repeat": "border", "stretch": "border", "black": "zeros"}


class TransformFields(BaseModel):
    group: ClassVar[str] = "Geometry"

    transform: float = unit_slider("Transform", "How far the picture goes towards the place, zoom and turn below")
    transform_zoom: float = slider("Transform zoom", "Size of the picture in doublings", 0.5, -2.0, 2.0)
    transform_turn: float = unit_slider("Transform turn", "Turn about the middle of the screen, clockwise, in turns")
    transform_x: float = unit_slider("Transform across", "Where the middle of the picture goes, left to right", 0.5)
    transform_y: float = unit_slider("Transform down", "Where the middle of the picture goes, top to bottom", 0.5)
    transform_edge: Literal["mirror", "repeat", "stretch", "black"] = choice(
        "Transform edge", "What lies around the picture", "mirror"
    )


class Variant(NamedTuple):
    edge: str
    halvings: int


class Numbers(NamedTuple):
    """The way back from the screen to the picture: cosine and sine by the scale, and the middle's place."""

    cos: float
    sin: float
    right: float
    down: float


class Maps(NamedTuple):
    x: Tensor
    y: Tensor
    variant: Variant


class Transform(Effect):
    """The amount leads from the picture as it is to where the other controls place it: on a beat it is a move.

    Where the picture becomes smaller it is read from a halved one, so that nothing flickers.
    """

    fields = TransformFields
    keeps_state = False

    def variant(self, p: TransformFields, context: Context) -> Variant:
        return Variant(p.transform_edge, max(0, round(-p.transform * p.transform_zoom)))

    def maps(self, size: tuple[int, int], device: torch.device, variant: Variant) -> Maps:
        return Maps(*coordinates(*size, device), variant)

    def numbers(self, p: TransformFields, context: Context) -> Numbers:
        scale, angle = 2.0 ** (-p.transform * p.transform_zoom), -math.tau * p.transform * p.transform_turn
        aspect = context.width / context.height
        right, down = (2.0 * place - 1.0 for place in (p.transform_x, p.transform_y))
        return Numbers(
            scale * math.cos(angle), scale * math.sin(angle), p.transform * right * aspect, p.transform * down
        )

    def plan(self, n: Numbers, maps: Maps) -> tuple[Tensor, Variant]:
        height, width = maps.y.shape[-2], maps.x.shape[-1]
        where = grid(*turned(maps.x - n.right, maps.y - n.down, n.cos, n.sin), height, width)
        return wrapped(where) if maps.variant.edge == "repeat" else where, maps.variant

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor, Variant], memory: Memory) -> Tensor:
        where, variant = plan
        small = shrink(frame, variant.halvings)
        return F.grid_sample(small, where[None], padding_mode=_PADDING[variant.edge], align_corners=False)


def wrapped(where: Tensor) -> Tensor:
    """Points of a grid, in [-1, 1] where the picture is, taken back into it as if it were repeated all around."""
    return (where + 1.0).remainder_(2.0).sub_(1.0)
