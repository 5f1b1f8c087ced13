"""The plane that generators draw on, and what they hand back."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from scope_gpu.image.blur import grow
from scope_gpu.image.noise import Span

# Pixels of a strip: 16 planes of it take 4 MB.
_STRIP = 65536


class Fixed(NamedTuple):
    """Colors that neither palette nor light touches: sRGB 3HW in [0, 1], 0 where `cover` HW is 0, and `cover` in [0, 1]."""

    rgb: Tensor
    cover: Tensor


@dataclass(frozen=True)
class Field:
    """A picture before color. Both are HW floats.

    `hue`: place in the palette, any real number, 1 once around. `light`: 0 is black, 1 the palette's own color, more
    turns towards white. `fixed`: what is laid over the picture as it is.
    """

    hue: Tensor
    light: Tensor
    fixed: Fixed | None = None


@dataclass(frozen=True)
class View:
    """A frame of `height` x `width` pixels over a plane: the origin in the middle, y downwards, the shorter side
    reaching from -1/scale to 1/scale.
    """

    height: int
    width: int
    scale: float
    device: torch.device

    @property
    def reach(self) -> tuple[float, float]:
        """How far the frame reaches from the origin, in x and y."""
        half = min(self.height, self.width) * self.scale
        return self.width / half, self.height / half

    @property
    def pixel(self) -> float:
        """The side of a pixel."""
        return 2.0 / (min(self.height, self.width) * self.scale)

    def spans(self, zoom: float = 1.0, shift: tuple[float, float] = (0.0, 0.0)) -> tuple[Span, Span]:
        """The middles of the pixels along x and y, times `zoom`, then shifted."""
        (x, y), (dx, dy) = self.reach, shift
        return Span(-x * zoom + dx, x * zoom + dx, self.width), Span(-y * zoom + dy, y * zoom + dy, self.height)

    def axes(self, zoom: float = 1.0) -> tuple[Tensor, Tensor]:
        """x of every column (1, W) and y of every row (H, 1), times `zoom`."""
        x, y = (span.positions(self.device) for span in self.spans(zoom))
        return x[None], y[:, None]

    def grid(self, zoom: float = 1.0) -> tuple[Tensor, Tensor]:
        """x and y of every pixel times `zoom`, each HW and its own memory."""
        x, y = self.axes(zoom)
        return x.expand(self.height, -1).contiguous(), y.expand(-1, self.width).contiguous()


def drawn_coarsely(view: View, draw: Callable[[View], Sequence[Tensor]]) -> tuple[Tensor, ...]:
    """Planes HW without fine detail: drawn at half the size, for a quarter of the cost, and enlarged."""
    half = View((view.height + 1) // 2, (view.width + 1) // 2, view.scale, view.device)
    return grow(torch.stack(tuple(draw(half)))[None], 1, view.height, view.width)[0].unbind()


def strips(height: int, plane: Tensor) -> list[slice]:
    """Rows of planes as large as one HW: on CPUs in strips that stay in the cache, where a long run of simple operations
    does not wait for memory; on GPUs all at once.
    """
    rows = max(8, _STRIP // plane.shape[-1]) if plane.device.type == "cpu" else height
    return [slice(top, min(top + rows, height)) for top in range(0, height, rows)]


def in_strips(draw: Callable[..., Sequence[Tensor]], *planes: Tensor) -> tuple[Tensor, ...]:
    """What `draw` makes of planes (..., H, W) pixel by pixel, as planes HW, strip by strip."""
    parts = [draw(*(plane[..., rows, :] for plane in planes)) for rows in strips(planes[0].shape[-2], planes[0])]
    return tuple(torch.cat(strip) for strip in zip(*parts, strict=True))


def turns(phase: float, rate: float) -> float:
    """An angle of `phase x rate` turns in radians, within one turn: exact however long the film runs."""
    return math.fmod(phase * rate, 1.0) * 2.0 * math.pi


def shares(count: float) -> list[float]:
    """As many as `count` things, not a whole number: what each one's share is, 1 but for the last, which fades in."""
    return [min(1.0, count - number) for number in range(math.ceil(count))]


def smoothstep(low: float, high: float, x: Tensor) -> Tensor:
    """0 below `low`, 1 above `high`, a cubic between."""
    t = (x - low).mul_(1.0 / (high - low)).clamp_(0.0, 1.0)
    return torch.mul(t, -2.0).add_(3.0).mul_(t).mul_(t)
