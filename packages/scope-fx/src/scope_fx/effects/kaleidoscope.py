"""Kaleidoscope: the picture folded into mirrored segments."""

import math
from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.warp import coordinates, grid, read, turned
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Softness of the iris's rim: a fiftieth of the height.
_RIM = 0.04


class KaleidoscopeFields(BaseModel):
    group: ClassVar[str] = "Geometry"

    kaleidoscope: float = unit_slider(
        "Kaleidoscope", "Fold the picture into mirrored segments, from the center outwards"
    )
    kaleidoscope_segments: int = slider("Kaleidoscope segments", "How often the pattern repeats", 6, 2, 16)
    kaleidoscope_turn: float = unit_slider(
        "Kaleidoscope turn", "Which part of the picture is shown, in turns around the center"
    )
    kaleidoscope_zoom: float = slider("Kaleidoscope zoom", "Size of the pattern in doublings", 0.0, -1.0, 2.0)


class Numbers(NamedTuple):
    amount: float
    cos: float
    sin: float


class Maps(NamedTuple):
    """For the pixels of a half or quarter of the picture, where each lands in the wedge, and how far it is from the center;
    no iris where the pattern fills all.
    """

    x: Tensor
    y: Tensor
    radius: Tensor | None
    size: tuple[int, int]


class Kaleidoscope(Effect):
    """Every point is reflected into one wedge (the fundamental domain of the dihedral group) and reads the picture there.

    The pattern opens like an iris from the center and fills the picture at amount 1.
    """

    fields = KaleidoscopeFields
    keeps_state = False

    def variant(self, p: KaleidoscopeFields, context: Context) -> tuple[int, bool]:
        return p.kaleidoscope_segments, p.kaleidoscope == 1.0

    def maps(self, size: tuple[int, int], device: torch.device, variant: tuple[int, bool]) -> Maps:
        segments, whole = variant
        x, y = coordinates(*size, device)
        # The pattern is symmetric: a half of it is enough, and of an even number of segments a quarter.
        x, y = x[:, : -(-size[1] // 2)], y if segments % 2 else y[: -(-size[0] // 2)]
        # Measured from the vertical, so that the pattern is the same left and right.
        angle, radius = torch.atan2(x, -y), torch.hypot(x, y)
        return Maps(*_fold(angle, radius, segments), None if whole else radius, size)

    def numbers(self, p: KaleidoscopeFields, context: Context) -> Numbers:
        angle, scale = math.tau * p.kaleidoscope_turn, 2.0**-p.kaleidoscope_zoom
        return Numbers(p.kaleidoscope, scale * math.cos(angle), scale * math.sin(angle))

    def plan(self, n: Numbers, maps: Maps) -> tuple[Tensor, Tensor | None]:
        where = grid(*turned(maps.x, maps.y, n.cos, n.sin), *maps.size)
        return where, None if maps.radius is None else _iris(maps.radius, n.amount)

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor, Tensor | None], memory: Memory) -> Tensor:
        where, iris = plan
        _lay(frame, read(frame, where), iris, (-1, -2))
        return frame


def _lay(frame: Tensor, pattern: Tensor, iris: Tensor | None, dims: tuple[int, ...]) -> None:
    """Lay a pattern over the top left of a frame, as far as the iris is open, and its mirror images in `dims` over the rest."""
    if dims:
        dim, *others = dims
        size, beyond = pattern.shape[dim], frame.shape[dim] - pattern.shape[dim]
        mirrored = None if iris is None else _mirrored(iris, dim, beyond)
        _lay(frame.narrow(dim, 0, size), pattern, iris, tuple(others))
        _lay(frame.narrow(dim, size, beyond), _mirrored(pattern, dim, beyond), mirrored, tuple(others))
    elif iris is None:
        frame.copy_(pattern)
    else:
        frame.lerp_(pattern, iris)


def _mirrored(planes: Tensor, dim: int, size: int) -> Tensor:
    return planes.narrow(dim, 0, size).flip(dim)


def _fold(angle: Tensor, radius: Tensor, segments: int) -> tuple[Tensor, Tensor]:
    """Reflect points into the right half of the wedge that points upwards and spans a `segments`-th of the circle."""
    wedge = math.tau / segments
    folded = ((angle + 0.5 * wedge).remainder(wedge) - 0.5 * wedge).abs()
    return radius * folded.sin(), -radius * folded.cos()


def _iris(radius: Tensor, amount: float) -> Tensor:
    """1 inside a disc that grows with the amount, 0 outside."""
    # The corner is the farthest point.
    return (((radius[0, 0] + _RIM) * amount - radius) / _RIM).clamp_(0.0, 1.0)
