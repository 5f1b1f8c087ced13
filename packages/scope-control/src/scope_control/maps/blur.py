"""Low-pass."""

import math

from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import gaussian_blur


def low_pass(frames: Tensor, *, sigma: float) -> Tensor:
    """Colours and coarse forms without details: a Gaussian of `sigma` pixels, TCHW to TCHW in the range of the input.

    What ControlNet's "tile" and "blur" models are given. Wide Gaussians are applied at a fraction of the size.
    """
    factor = 2 ** max(0, math.floor(math.log2(max(sigma, 1.0) / 2.0)))
    if factor == 1:
        return gaussian_blur(frames, sigma)
    height, width = frames.shape[-2:]
    padded = F.pad(frames, (0, -width % factor, 0, -height % factor), mode="replicate")
    # Averaging squares and the way back blur as well: variances of a box and of a triangle, in small pixels.
    remaining = (sigma / factor) ** 2 - (1.0 - factor**-2) / 12.0 - 1.0 / 6.0
    small = gaussian_blur(F.avg_pool2d(padded, factor), math.sqrt(remaining))
    return F.interpolate(small, scale_factor=float(factor), mode="bilinear")[..., :height, :width]
