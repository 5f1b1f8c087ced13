"""Gaussian blurs whose width a slider moves: done at a low size, with a kernel of fixed length."""

import math

from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import add_share, grow, shrink

# The kernel reaches so many pixels to each side: three sigmas of the largest that it is used for.
_RADIUS = 7
_LARGEST = 2.4


def halvings(sigma: float) -> int:
    """How often to halve a picture before a blur of `sigma` of its pixels."""
    return max(0, math.ceil(math.log2(max(sigma, 1e-3) / _LARGEST)))


def kernel(sigma: float, times: int) -> tuple[float, ...]:
    """Half of the kernel that blurs by `sigma` pixels in all, for a picture halved `times` times: its middle first.

    Means of two by two on the way down and lines between pixels on the way up add a quarter of a small pixel to the
    variance, which the kernel leaves out.
    """
    variance = max((sigma / 2**times) ** 2 - (0.25 if times else 0.0), 1e-6)
    weights = [math.exp(-0.5 * offset * offset / variance) for offset in range(_RADIUS + 1)]
    total = weights[0] + 2.0 * sum(weights[1:])
    return tuple(weight / total for weight in weights)


def soften(planes: Tensor, weights: tuple[float, ...], times: int) -> Tensor:
    """Blur TCHW by half a kernel at a size halved `times` times; the edge is repeated outwards."""
    small = _along(_along(shrink(planes, times), weights, -1), weights, -2)
    return grow(small, times, *planes.shape[-2:]) if times else small


def _along(planes: Tensor, weights: tuple[float, ...], dim: int) -> Tensor:
    size = planes.shape[dim]
    padding = (_RADIUS, _RADIUS, 0, 0) if dim == -1 else (0, 0, _RADIUS, _RADIUS)
    padded = F.pad(planes, padding, mode="replicate")
    total = planes * weights[0]
    for offset, weight in enumerate(weights[1:], start=1):
        for start in (_RADIUS - offset, _RADIUS + offset):
            add_share(total, padded.narrow(dim, start, size), weight)
    return total
