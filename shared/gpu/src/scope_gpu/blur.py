"""Separable Gaussian blur."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def gaussian_kernel(sigma: float, device: torch.device | str, dtype: torch.dtype = torch.float32) -> Tensor:
    """A normalised 1-D Gaussian that reaches three sigmas to each side, of odd length."""
    radius = max(1, math.ceil(3.0 * sigma))
    offsets = torch.arange(-radius, radius + 1, device=device, dtype=dtype)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    return kernel / kernel.sum()


def gaussian_blur(batch: Tensor, sigma: float) -> Tensor:
    """Blur TCHW with a Gaussian of `sigma` pixels; the edge is repeated outwards. `sigma <= 0` returns the input.

    Two 1-D convolutions, in the range of the input.
    """
    if sigma <= 0.0:
        return batch
    kernel = gaussian_kernel(sigma, batch.device, batch.dtype)
    return _convolve(_convolve(batch, kernel, horizontal=True), kernel, horizontal=False)


def _convolve(batch: Tensor, kernel: Tensor, *, horizontal: bool) -> Tensor:
    radius = kernel.numel() // 2
    padding = (radius, radius, 0, 0) if horizontal else (0, 0, radius, radius)
    shape = (1, 1, 1, -1) if horizontal else (1, 1, -1, 1)
    t, c, h, w = batch.shape
    planes = F.pad(batch.reshape(t * c, 1, h, w), padding, mode="replicate")
    return F.conv2d(planes, kernel.view(shape)).view(t, c, h, w)
