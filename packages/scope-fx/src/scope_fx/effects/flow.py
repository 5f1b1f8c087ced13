"""The direction in which things run, and smoothing along it."""

import torch
from torch import Tensor

from scope_gpu.image.blur import gaussian_blur, grow, shrink
from scope_gpu.image.gradients import scharr
from scope_gpu.image.warp import coordinates, grid, read

# What keeps the direction of a flat place from being that of its noise.
_FLAT = 1e-6


def tangents(tone: Tensor, sigma: float) -> Tensor:
    """The unit vector along edges at each pixel of 11HW, (1, 2, H, W) of x and y.

    The minor eigenvector of the structure tensor, smoothed with a Gaussian of `sigma` pixels (Kyprianidis & Doellner,
    "Image abstraction by structure adaptive filtering", 2008), at half the size. Flat places run upright.
    """
    across, down = scharr(shrink(tone))
    tensor = torch.cat((across * across, across * down, down * down), dim=1)
    a, b, c = gaussian_blur(tensor, 0.5 * sigma).split(1, dim=1)
    half = (a - c) * 0.5
    root = torch.sqrt(half * half + b * b)
    # Of the two forms of the eigenvector the one that does not vanish: (b, l - a) or (l - c, b), l the smaller value.
    steep = (half > 0.0).to(tone.dtype)
    x = torch.lerp(half - root, b, steep)
    y = torch.lerp(b, -half - root - _FLAT, steep)
    vector = grow(torch.cat((x, y), dim=1) * torch.rsqrt(x * x + y * y + _FLAT * _FLAT), 1, *tone.shape[-2:])
    return vector * torch.rsqrt(vector.square().sum(1, keepdim=True) + _FLAT)


def coherence(across: Tensor, down: Tensor, sigma: float) -> Tensor:
    """How much slopes 11HW around each pixel agree in their direction: about 0.3 in noise, 1 along a line.

    The difference of the structure tensor's eigenvalues over their sum, of slopes within `sigma` pixels, at half the size.
    """
    products = torch.cat((across * across, across * down, down * down), dim=1)
    a, b, c = gaussian_blur(shrink(products), 0.5 * sigma).split(1, dim=1)
    agreed = torch.sqrt((a - c).square() + 4.0 * b * b) / (a + c + _FLAT)
    return grow(agreed, 1, *across.shape[-2:])


def along(planes: Tensor, tangent: Tensor, steps: int, step: float) -> Tensor:
    """1CHW blurred along lines: the mean of 2 * steps + 1 places, `step` pixels apart, with weights that fall to the ends."""
    height, width = planes.shape[-2:]
    start = grid(*coordinates(height, width, planes.device), height, width)
    way = grid(*(tangent[0] * (2.0 / height)), height, width)
    total, weights = planes * (steps + 1.0), steps + 1.0
    for number in range(1, steps + 1):
        weight = steps + 1.0 - number
        for side in (-number * step, number * step):
            total.add_(read(planes, torch.add(start, way, alpha=side), "border"), alpha=weight)
        weights += 2.0 * weight
    return total.div_(weights)
