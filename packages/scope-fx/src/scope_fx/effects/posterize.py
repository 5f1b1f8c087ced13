"""Posterise: brightness in a few flat steps, colours kept."""

import torch
from torch import Tensor

from scope_gpu.image.color import luma


def posterize(frames: Tensor, amount: float, levels: int) -> Tensor:
    """Reduce the luma of TCHW in [0, 1] to `levels` steps; amount 0 leaves the picture as it is, 1 is all flat.

    The same is added to all three channels, which keeps the colour difference signals.
    """
    if amount == 0.0:
        return frames
    brightness = luma(frames)
    steps = torch.round(brightness * (levels - 1)) / (levels - 1)
    return (frames + amount * (steps - brightness)).clamp_(0.0, 1.0)
