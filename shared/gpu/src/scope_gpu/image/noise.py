"""Gradient noise and its fractal sum, the same on every device.

Three-dimensional gradient noise with the quintic fade of Perlin, "Improving Noise", SIGGRAPH 2002; the gradients are
spread evenly over the sphere and come from PCG3D instead of a permutation table, so that a seed is all there is to keep.

A frame is a slice of constant z. There the two lattice planes around z blend before any pixel is touched, which leaves
per lattice node a value and a 2-D gradient: 3-D noise for the price of 2-D noise.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.hashing import pcg3d

PERIOD = 64

# The most texels of a sheet along a unit: two for the finest of six octaves, a 63rd of the whole.
_MOST_TEXELS = 64
# Gradient noise with unit gradients stays within the square root of 3/4.
_NORMALISE = 2.0 / math.sqrt(3.0)
_MASK = 0xFFFFFFFF


@dataclass(frozen=True)
class Span:
    """`count` evenly spaced positions along an axis, at the middles of pixels from edge `start` to edge `stop`."""

    start: float
    stop: float
    count: int

    def scaled(self, factor: float, offset: float = 0.0) -> "Span":
        """The same pixels with positions multiplied by `factor`, then shifted by `offset`."""
        return Span(self.start * factor + offset, self.stop * factor + offset, self.count)

    def positions(self, device: torch.device | str, origin: float = 0.0) -> Tensor:
        """The positions less `origin` as float32 (count,). The subtraction is done in double precision."""
        step = (self.stop - self.start) / self.count
        middles = torch.arange(self.count, device=device, dtype=torch.float32) + 0.5
        return middles * step + (self.start - origin)


def noise_grid(x: Span, y: Span, z: float, seed: int, device: torch.device | str) -> Tensor:
    """Gradient noise on a regular grid: HW = (y.count, x.count) in [-1, 1], one lattice cell a unit.

    On a grid the interpolation is separable, hence a product of small matrices. Where the host allows TF32 products,
    values are good to 1e-3 instead of 1e-5.
    """
    return fbm_grid(x, y, z, seed, device, 1.0)


def fbm_grid(x: Span, y: Span, z: float, seed: int, device: torch.device | str, octaves: float = 5.0) -> Tensor:
    """Fractional Brownian motion on a regular grid, HW in [-1, 1]: octaves of `noise_grid`, each twice as fine and
    half as strong.

    `octaves` need not be whole: the last one fades in.
    """
    down, across = [], []
    for i, o in enumerate(_octaves(octaves)):
        columns, along_x, slope_x = _weights(x.scaled(o.frequency, o.offset), device)
        rows, along_y, slope_y = _weights(y.scaled(o.frequency, o.offset), device)
        value, gradient_x, gradient_y = _plane(columns, rows, z + o.lag, seed + i).mul_(o.weight)
        down += [torch.addmm(along_y @ value, slope_y, gradient_y), along_y @ gradient_x]
        across += [along_x, slope_x]
    # One product for all octaves writes the picture once.
    return torch.cat(down, 1) @ torch.cat(across, 1).T


@dataclass(frozen=True)
class Sheet:
    """Noise over a rectangle of the plane, to be read anywhere in it: texels 11HW, `density` of them a unit, from the corner
    (left, top).
    """

    texels: Tensor
    left: float
    top: float
    density: int

    def read(self, x: Tensor, y: Tensor) -> Tensor:
        """Values at positions HW, bilinear; beyond the rectangle its edge is repeated."""
        rows, columns = self.texels.shape[-2:]
        where = torch.empty((1, *x.shape, 2), device=x.device)
        for axis, (position, edge, count) in enumerate(((x, self.left, columns), (y, self.top, rows))):
            scale = 2.0 * self.density / count
            torch.mul(position, scale, out=where[0, ..., axis]).sub_(edge * scale + 1.0)
        return F.grid_sample(self.texels, where, mode="bilinear", padding_mode="border", align_corners=False)[0, 0]


def fbm_sheet(
    x: tuple[float, float],
    y: tuple[float, float],
    z: float,
    seed: int,
    device: torch.device | str,
    octaves: float = 5.0,
    period: tuple[int, int] = (PERIOD, PERIOD),
    pixel: float = 0.0,
) -> Sheet:
    """Fractional Brownian motion to be read at any positions, such as bent ones: `fbm_grid` between two values of x and
    of y. What is lost between its texels is a hundredth at the most.

    Args:
        period: after how many units the noise repeats, in x and y: powers of two. An octave repeats after 64 of its own
            cells at the latest.
        pixel: the side of a pixel in units. Where pixels are coarse, so is the sheet, which then leaves out octaves that
            pixels could not show.
    """
    density = min(_MOST_TEXELS, 2 ** max(0, math.ceil(math.log2(2.0 / pixel)))) if pixel else _MOST_TEXELS
    columns, rows = (math.ceil((high - low) * density) for low, high in (x, y))
    total = torch.zeros(rows, columns, device=device)
    for i, o in enumerate(_octaves(octaves)):
        if o.frequency > density:
            break
        across = _Row(x[0], columns, density, o, period[0], device)
        down = _Row(y[0], rows, density, o, period[1], device)
        total.add_(_laid(across, down, _plane(across.nodes, down.nodes, z + o.lag, seed + i).mul_(o.weight)))
    return Sheet(total[None, None], x[0], y[0], density)


@dataclass(frozen=True)
class _Octave:
    frequency: int
    weight: float
    offset: float
    lag: float


def _octaves(octaves: float) -> list[_Octave]:
    """Offsets and lags keep the nodes of the octaves, where gradient noise is zero, from lying on one another."""
    count = max(1, math.ceil(octaves))
    strengths = [0.5**k * min(1.0, octaves - k) if k else 1.0 for k in range(count)]
    total = sum(strengths)
    return [_Octave(2**k, s / total, 0.37 * k, 0.61 * k) for k, s in enumerate(strengths)]


class _Row:
    """The lattice along one axis of a sheet. Texels divide its cells evenly, so that all cells share their weights.

    `nodes`: the lattice nodes. `value`, `slope`: (2, texels a cell) weights of the values and of the gradients of the
    node before and after. `cut`: the texels of the sheet among those of whole cells.
    """

    def __init__(self, start: float, count: int, density: int, octave: "_Octave", period: int, device: Any) -> None:
        inside = density // octave.frequency
        begin = (start * octave.frequency + octave.offset) * inside + 0.5
        first = math.floor(begin / inside)
        skipped = math.floor(begin) - first * inside
        cells = -(-(skipped + count) // inside)
        self.nodes = (torch.arange(cells + 1, device=device) + first) % min(period * octave.frequency, PERIOD)
        place = (torch.arange(inside, device=device) + (begin - math.floor(begin))) / inside
        after = _fade(place)
        self.value = torch.stack((1.0 - after, after))
        self.slope = self.value * torch.stack((place, place - 1.0))
        self.cut = slice(skipped, skipped + count)


def _laid(across: _Row, down: _Row, lattice: Tensor) -> Tensor:
    """The noise of one octave, texel by texel, out of what surrounds its nodes (see `_plane`)."""
    value, gradient_x, gradient_y = (torch.stack((part[:, :-1], part[:, 1:]), -1) for part in lattice)
    values = (value @ across.value + gradient_x @ across.slope).flatten(1)[:, across.cut]
    slopes = (gradient_y @ across.value).flatten(1)[:, across.cut]
    lines = torch.stack((values[:-1], values[1:], slopes[:-1], slopes[1:]), 1)
    return torch.matmul(torch.cat((down.value, down.slope)).T, lines).flatten(0, 1)[down.cut]


def _plane(columns: Tensor, rows: Tensor, z: float, seed: int) -> Tensor:
    """The noise around the lattice nodes at height z: (3, rows, columns) of value, x slope and y slope.

    Nodes are neighbours in each direction, and start again after `PERIOD` at the latest: the first ones tell all.
    """
    below = math.floor(z)
    rise = z - below
    layers = torch.arange(2, device=columns.device) + (below & 0x7FFFFFFF)
    first = columns[None, None, :PERIOD], rows[None, :PERIOD, None]
    gradients = _gradients(*first, layers[:, None, None], seed)
    blend = _fade_number(rise)
    lower, upper = gradients[:, 0] * (1.0 - blend), gradients[:, 1] * blend
    plane = torch.stack((lower[2] * rise + upper[2] * (rise - 1.0), lower[0] + upper[0], lower[1] + upper[1]))
    for dim, nodes in ((2, columns), (1, rows)):
        if len(nodes) > PERIOD:
            plane = plane.index_select(dim, torch.arange(len(nodes), device=nodes.device) % PERIOD)
    return plane


def _gradients(x: Tensor, y: Tensor, z: Tensor, seed: int) -> Tensor:
    """Directions evenly spread over the sphere, (3, ...) of x, y, z, as long as makes the noise fill [-1, 1]."""
    turn, height, _ = pcg3d(x, y, z + (seed * 0x9E3779B1 & _MASK))
    height = height.to(torch.float32) * (2.0 * _NORMALISE / _MASK) - _NORMALISE
    angle = turn.to(torch.float32) * (2.0 * math.pi / _MASK)
    radius = (_NORMALISE**2 - height * height).clamp_(min=0.0).sqrt_()
    return torch.stack((radius * angle.cos(), radius * angle.sin(), height))


def _weights(span: Span, device: torch.device | str) -> tuple[Tensor, Tensor, Tensor]:
    """Lattice nodes under a span and, per pixel and node, the interpolation weight and weight times distance."""
    first = math.floor(min(span.start, span.stop))
    nodes = math.floor(max(span.start, span.stop)) - first + 2
    distance = span.positions(device, first)[:, None] - torch.arange(nodes, device=device)
    # The quintic fade runs from 1 at the node to 0 at its neighbours, and is even.
    weight = 1.0 - _fade(distance.abs().clamp_(max=1.0))
    return (torch.arange(nodes, device=device) + first) % PERIOD, weight, weight * distance


def _fade(t: Tensor) -> Tensor:
    return (t * 6.0 - 15.0).mul_(t).add_(10.0).mul_(t).mul_(t).mul_(t)


def _fade_number(t: float) -> float:
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
