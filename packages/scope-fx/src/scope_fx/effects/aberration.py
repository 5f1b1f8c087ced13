"""Chromatic aberration: a lens that bends red less and blue more, growing towards the edges, or sideways."""

import math
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.bands import in_bands
from scope_gpu.image.warp import coordinates, nearest, pick
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
    """`reach`: of the outermost tap, in units of half the height, or of the distance from the center."""

    reach: float


class Maps(NamedTuple):
    """Coordinates, x (1, W) and y (H, 1), and how far fringes reach at a reach of 1: `weight`, (H, W) or one number, times
    `across` and `down`, which are like x and y.
    """

    x: Tensor
    y: Tensor
    weight: Tensor
    across: Tensor
    down: Tensor
    doublings: int


class Aberration(Effect):
    """Red and blue are smeared over their wavelengths, from the focus of green outwards and inwards.

    A smear of 2^n taps is made of n means of two, each of which moves the plane by twice as much as the one before.
    Green stays sharp, and so does the center of a lens.
    """

    fields = AberrationFields
    keeps_state = False

    def variant(self, p: AberrationFields, context: Context) -> tuple[str, int]:
        pixels = _REACH * p.aberration * 0.5 * math.hypot(context.width, context.height)
        return p.aberration_direction, max(1, round(math.log2(max(pixels, 1.0) / _SPACING)))

    def maps(self, size: tuple[int, int], device: torch.device, variant: tuple[str, int]) -> Maps:
        direction, doublings = variant
        x, y = coordinates(*size, device)
        if direction == "outwards":
            # Squared distance from the center, 1 in the corners.
            distance = (x * x + y * y) / ((size[1] / size[0]) ** 2 + 1.0)
            return Maps(x, y, distance, x, y, doublings)
        ways = torch.ones_like(x), torch.zeros_like(y)
        if direction == "upright":
            ways = torch.zeros_like(x), torch.ones_like(y)
        return Maps(x, y, torch.ones((1, 1), device=device), *ways, doublings)

    def numbers(self, p: AberrationFields, context: Context) -> Numbers:
        return Numbers(_REACH * p.aberration)

    def plan(self, n: Numbers, maps: Maps) -> list[tuple[Tensor, Tensor]]:
        """For each doubling, where red and blue come from."""
        shares = [2**step / (2**maps.doublings - 1) for step in range(maps.doublings)]
        return [(_moved(maps, n, -share), _moved(maps, n, share)) for share in shares]

    def apply(self, frame: Tensor, n: Numbers, plan: list[tuple[Tensor, Tensor]], memory: Memory) -> Tensor:
        red, _, blue = frame.split(1, dim=-3)
        for red_places, blue_places in plan:
            red.lerp_(pick(red, red_places), 0.5)
            blue.lerp_(pick(blue, blue_places), 0.5)
        return frame


def _moved(maps: Maps, n: Numbers, share: float) -> Tensor:
    height, width = maps.y.shape[-2], maps.x.shape[-1]
    reach = n.reach * share

    def places(band: Tensor, maps: Maps) -> Tensor:
        weight = maps.weight * reach
        return nearest((weight * maps.across).add(maps.x), (weight * maps.down).add(maps.y), height, width)

    return in_bands(places, torch.empty((height, width), dtype=torch.int32, device=maps.x.device), maps)
