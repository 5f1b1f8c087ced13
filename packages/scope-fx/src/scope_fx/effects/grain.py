"""Film grain: noise that lives in the tones, strongest in darker middle greys, absent from black and white."""

import torch
from torch import Tensor

from scope_gpu.image.blur import gaussian_blur, gaussian_kernel
from scope_gpu.image.color import luma
from scope_gpu.image.hashing import pcg3d

# Standard deviation of the grain at amount 1 where it is strongest.
_STRENGTH = 0.12


def grain(frames: Tensor, amount: float, size: float, color: float, seed: int, index: int) -> Tensor:
    """Add grain to TCHW in [0, 1].

    Args:
        amount: 0 leaves the picture as it is.
        size: width of a grain in pixels, from 1.
        color: 0 grey grain, 1 independent grain in each channel.
        seed: another seed, other grain.
        index: number of the first frame; every frame has its own grain, the same wherever it stands in a batch.
    """
    if amount == 0.0:
        return frames
    noise = _noise(frames, color, seed, index)
    sigma = 0.5 * (size - 1.0)
    if sigma > 0.0:
        # White noise keeps the square sum of the kernel as variance, once for each direction.
        noise = gaussian_blur(noise, sigma) / sum(weight * weight for weight in gaussian_kernel(sigma))
    return (frames + noise * sensitivity(luma(frames)) * (_STRENGTH * amount)).clamp_(0.0, 1.0)


def sensitivity(brightness: Tensor) -> Tensor:
    """How visible grain is at a luma in [0, 1]: sqrt(l) (1 - l), scaled to 1 at its peak, l = 1/3."""
    # Rounding may leave black a little below 0, which has no root.
    return brightness.clamp(min=0.0).sqrt() * (1.0 - brightness) * (1.5 * 3.0**0.5)


def _noise(frames: Tensor, color: float, seed: int, index: int) -> Tensor:
    """White noise of mean 0 and standard deviation 1: T1HW if grey, T3HW if coloured."""
    channels = torch.stack([_centred(values) for values in _hash(frames, seed, index)], dim=1)
    # The sum of three independent uniform numbers is close to a Gaussian.
    grey = channels.sum(dim=1, keepdim=True) * 3.0**-0.5
    if color == 0.0:
        return grey
    mixed = grey * (1.0 - color) + channels * color
    # Grey and channel are correlated by 1 / sqrt(3).
    variance = (1.0 - color) ** 2 + color**2 + 2.0 * color * (1.0 - color) * 3.0**-0.5
    return mixed * variance**-0.5


def _hash(frames: Tensor, seed: int, index: int) -> tuple[Tensor, Tensor, Tensor]:
    t, _, height, width = frames.shape
    number = torch.arange(index, index + t, device=frames.device).view(t, 1, 1)
    y = torch.arange(height, device=frames.device).view(1, height, 1)
    x = torch.arange(width, device=frames.device).view(1, 1, width)
    # Only the low 32 bits count, and a large seed would not fit an int64.
    return pcg3d(x, y, number + (seed * 0x9E3779B1 & 0xFFFFFFFF))


def _centred(values: Tensor) -> Tensor:
    """Uniform integers in [0, 2^32) to uniform numbers of mean 0 and standard deviation 1."""
    return ((values >> 8).to(torch.float32) * 2.0**-24 - 0.5) * 12.0**0.5
