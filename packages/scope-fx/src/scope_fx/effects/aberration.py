"""Chromatic aberration: a lens that bends red less and blue more, growing towards the edges, or sideways."""

import math
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.strips import LONG, Strips, middles, padded, places, spread
from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# How far amount 1 moves a corner, as a share of its distance from the center.
_REACH = 0.12
# How far apart the taps of a smear may be, in pixels of the corners.
_SPACING = 8.0


class AberrationFields(BaseModel):
    group: ClassVar[str] = "Lens"

    aberration: float = unit_slider("Chromatic aberration", "Color fringes, as of a lens")
    aberration_direction: Literal["outwards", "sideways", "upright"] = choice(
        "Aberration direction", "Fringes grow towards the edges as in a lens, or are the same everywhere", "outwards"
    )


class Numbers(NamedTuple):
    """`reach`: how far the outermost tap is moved, as a share of the distance from the center."""

    reach: float


class Maps(NamedTuple):
    """Columns and rows of strips, and how many pixels they move at a reach of 1: tensors that broadcast to (H, strips)."""

    columns: Tensor
    rows: Tensor
    across: Tensor
    down: Tensor
    size: tuple[int, int]
    doublings: int


type Places = list[tuple[Tensor, Tensor]]
"""For each doubling, where strips of red and of blue come from."""


class Aberration(Effect):
    """Red and blue are smeared over their wavelengths, from the focus of green outwards and inwards.

    A smear of 2^n taps is made of n means of two, each of which moves the plane by twice as much as the one before.
    Green stays sharp, and so does the center of a lens.
    """

    fields = AberrationFields
    pointwise = True
    looks = True
    keeps_state = False

    def variant(self, p: AberrationFields, context: Context) -> tuple[str, int]:
        pixels = _REACH * p.aberration * 0.5 * math.hypot(context.width, context.height)
        return p.aberration_direction, max(1, round(math.log2(max(pixels, 1.0) / _SPACING)))

    def maps(self, size: tuple[int, int], device: torch.device, variant: tuple[str, int]) -> Maps:
        direction, doublings = variant
        columns, rows = middles(*size, device)
        x, y = columns - 0.5 * (size[1] - 1), rows - 0.5 * (size[0] - 1)
        if direction == "outwards":
            # Squared distance from the center, 1 in the corners.
            distance = (x * x + y * y) * (4.0 / (size[0] ** 2 + size[1] ** 2))
            return Maps(columns, rows, distance * x, distance * y, size, doublings)
        ways = x.new_full((1, 1), 0.5 * size[0]), x.new_zeros((1, 1))
        return Maps(columns, rows, *(ways if direction == "sideways" else ways[::-1]), size, doublings)

    def numbers(self, p: AberrationFields, context: Context) -> Numbers:
        return Numbers(_REACH * p.aberration)

    def plan(self, n: Numbers, maps: Maps) -> Places:
        shares = [2**step / (2**maps.doublings - 1) for step in range(maps.doublings)]
        return [(_moved(maps, n, -share), _moved(maps, n, share)) for share in shares]

    def look(self, frame: Tensor, n: Numbers, plan: Places, memory: Memory) -> tuple[Tensor, Strips]:
        """Red and blue as smeared by all means but the last, and the same once more where that finds them."""
        smeared = padded(frame[:, ::2])
        for at in plan[:-1]:
            smeared = spread(smeared, at)
        return smeared[..., LONG:-LONG], Strips(smeared, plan[-1])

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor, Tensor], memory: Memory) -> Tensor:
        frame[:, ::2].copy_(torch.lerp(*plan, 0.5))
        return frame


def _moved(maps: Maps, n: Numbers, share: float) -> Tensor:
    reach = n.reach * share
    return places((maps.across * reach).add(maps.columns), (maps.down * reach).add(maps.rows), *maps.size)
