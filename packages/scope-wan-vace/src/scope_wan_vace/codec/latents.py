"""Normalisation between raw Wan2.1 VAE latents and the latents that the DiT sees.

Mean and deviation are those of Wan2.1's own VAE (arXiv 2503.20314, released code), one per latent channel.
"""

import torch
from torch import Tensor

MEAN = (
    *(-0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508),
    *(0.4134, -0.0715, 0.5517, -0.3632, -0.1922, -0.9497, 0.2503, -0.2921),
)
STD = (
    *(2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743),
    *(3.2687, 2.1526, 2.8652, 1.5579, 1.6382, 1.1253, 2.8251, 1.9160),
)


def latent_statistics(device: torch.device | str, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation, each [1, 16, 1, 1, 1], to broadcast over BCTHW latents."""
    return _column(MEAN, device, dtype), _column(STD, device, dtype)


def _column(values: tuple[float, ...], device: torch.device | str, dtype: torch.dtype) -> Tensor:
    return torch.tensor(values, device=device, dtype=dtype).view(1, -1, 1, 1, 1)
