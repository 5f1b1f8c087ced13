"""From gradients to lines: thin ridges, followed along their length, drawn in a chosen width."""

import torch
from torch import Tensor

from scope_control.lines import dense, sparse
from scope_gpu.image.gradients import Slopes, strongest_channel

HYSTERESIS_STEPS = 512
"""How many pixels a line is followed beyond a strong pixel on a GPU: a fixed count, so that it need not be waited for."""


def trace(slopes: Slopes, strength: Tensor, low: Tensor | float, high: Tensor | float) -> Tensor:
    """Ridges of `strength` of at least `high`, and of at least `low` where they hang together with those: T1HW bool.

    Non-maximum suppression across the gradient and hysteresis along the line (Canny, 1986), over any distance on a CPU
    and over `HYSTERESIS_STEPS` pixels on a GPU.

    Args:
        slopes: the derivatives of each channel; in each pixel the steepest one counts.
        low, high: numbers or T111.
    """
    if strength.device.type == "cpu":
        return sparse.trace(slopes, strength, low, high)
    dx, dy = strongest_channel(*(torch.cat(parts, dim=1) for parts in zip(*slopes, strict=True)))
    ridges = (strength >= low) & dense.ridges(dx, dy, strength)
    return dense.spread(ridges & (strength >= high), ridges, HYSTERESIS_STEPS)
