"""Gradient noise and its fractal sum, the same on every device.

Three-dimensional gradient noise with the quintic fade of Perlin, "Improving Noise", SIGGRAPH 2002; the gradients are
spread evenly over the sphere and come from PCG3D instead of a permutation table, so that a seed is all there is to keep.

A frame is a slice of constant z. There the two lattice planes around z blend before any pixel is touched, which leaves
per lattice node a value and a 2-D gradient: 3-D noise for the price of 2-D noise.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.hashing import pcg3d

PERIOD = 64

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

    On a grid the interpolation is separable, hence three small matrix products; about ten times as fast as
    `noise_points` on a CPU. Where the host allows TF32 products, values are good to 1e-3 instead of 1e-5.
    """
    columns, along_x, slope_x = _weights(x, device)
    rows, along_y, slope_y = _weights(y, device)
    value, gradient_x, gradient_y = _plane(columns, rows, z, seed)
    return (along_y @ value + slope_y @ gradient_y) @ along_x.T + along_y @ gradient_x @ slope_x.T


def noise_points(x: Tensor, y: Tensor, z: float, seed: int, period: tuple[int, int] = (PERIOD, PERIOD)) -> Tensor:
    """Gradient noise at any positions: HW in [-1, 1], one lattice cell a unit.

    Args:
        x, y: HW float32. Keep them below some hundreds, where float32 still resolves a pixel.
        z: the slice; of any size, it is split in double precision.
        seed: another seed, another noise.
        period: after how many cells the noise repeats, in x and y; at most 64.
    """
    (x_node, x_local), (y_node, y_local) = _wrap(x, period[0]), _wrap(y, period[1])
    columns = torch.arange(period[0] + 1, device=x.device) % period[0]
    rows = torch.arange(period[1] + 1, device=x.device) % period[1]
    value, gradient_x, gradient_y = _plane(columns, rows, z, seed)
    # A gradient's contribution g * (x - node) is split into x * g - g * node, so that one bilinear look-up of three
    # channels replaces four of everything.
    value -= gradient_x * torch.arange(period[0] + 1, device=x.device)
    value -= gradient_y * torch.arange(period[1] + 1, device=x.device)[:, None]
    where = torch.stack((_to_sampler(x_node, x_local, period[0]), _to_sampler(y_node, y_local, period[1])), dim=-1)
    planes = torch.stack((value, gradient_x, gradient_y))[None]
    looked_up = F.grid_sample(planes, where[None], mode="bilinear", padding_mode="border", align_corners=True)
    value, gradient_x, gradient_y = looked_up[0]
    return value.addcmul_(x_node + x_local, gradient_x).addcmul_(y_node + y_local, gradient_y)


def fbm_grid(x: Span, y: Span, z: float, seed: int, device: torch.device | str, octaves: float = 5.0) -> Tensor:
    """Fractional Brownian motion on a regular grid, HW in [-1, 1]: octaves of `noise_grid`, each twice as fine and
    half as strong.

    `octaves` need not be whole: the last one fades in.
    """
    layers = _octaves(octaves)
    return sum(
        (
            noise_grid(x.scaled(o.frequency, o.offset), y.scaled(o.frequency, o.offset), z + o.lag, seed + i, device)
            * o.weight
            for i, o in enumerate(layers)
        ),
        start=torch.zeros((), device=device),
    )


def fbm_points(
    x: Tensor, y: Tensor, z: float, seed: int, octaves: float = 5.0, period: tuple[int, int] = (PERIOD, PERIOD)
) -> Tensor:
    """Fractional Brownian motion at any positions, HW in [-1, 1]; see `fbm_grid` and `noise_points`.

    `period` is that of the first octave, a power of two up to 64; each further octave repeats after twice as many of its
    own cells, 64 at most.
    """
    total = torch.zeros_like(x)
    for i, octave in enumerate(_octaves(octaves)):
        repeat = (min(period[0] * octave.frequency, PERIOD), min(period[1] * octave.frequency, PERIOD))
        at = (x * octave.frequency + octave.offset, y * octave.frequency + octave.offset)
        total.add_(noise_points(*at, z + octave.lag, seed + i, repeat), alpha=octave.weight)
    return total


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


def _plane(columns: Tensor, rows: Tensor, z: float, seed: int) -> Tensor:
    """The noise around the lattice nodes at height z: (3, rows, columns) of value, x slope and y slope."""
    below = math.floor(z)
    rise = z - below
    layers = torch.arange(2, device=columns.device) + (below & 0x7FFFFFFF)
    gradients = _gradients(columns[None, None, :], rows[None, :, None], layers[:, None, None], seed)
    blend = _fade_number(rise)
    lower, upper = gradients[:, 0] * (1.0 - blend), gradients[:, 1] * blend
    return torch.stack((lower[2] * rise + upper[2] * (rise - 1.0), lower[0] + upper[0], lower[1] + upper[1]))


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


def _wrap(position: Tensor, period: int) -> tuple[Tensor, Tensor]:
    """Node in [0, period) and place between it and the next, [0, 1)."""
    node = position.floor()
    local = position - node
    return node.remainder_(period), local


def _to_sampler(node: Tensor, local: Tensor, period: int) -> Tensor:
    """Lattice positions, faded, in the [-1, 1] of grid_sample with aligned corners."""
    return _fade(local).add_(node).mul_(2.0 / period).sub_(1.0)


def _fade(t: Tensor) -> Tensor:
    return (t * 6.0 - 15.0).mul_(t).add_(10.0).mul_(t).mul_(t).mul_(t)


def _fade_number(t: float) -> float:
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
