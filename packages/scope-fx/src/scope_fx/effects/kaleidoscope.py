"""Kaleidoscope: the picture folded into mirrored segments."""

import math

import torch
from torch import Tensor

from scope_gpu.image.warp import coordinates, rotate, sample


def kaleidoscope(frames: Tensor, amount: float, segments: int, turn: float, zoom: float) -> Tensor:
    """Fold TCHW in [0, 1] into `segments` mirrored wedges around the centre.

    Every point is reflected into one wedge (the fundamental domain of the dihedral group) and reads the picture there.

    Args:
        amount: 0 leaves the picture as it is; then the pattern opens like an iris from the centre and fills it at 1.
        segments: how often the pattern repeats around the centre.
        turn: which part of the picture the wedge shows, in turns around the centre.
        zoom: in doublings; above 0 the wedge shows a smaller part, larger.
    """
    if amount == 0.0:
        return frames
    x, y = coordinates(*frames.shape[-2:], frames.device)
    # Measured from the vertical, so that the pattern is the same left and right.
    angle, radius = torch.atan2(x, -y), torch.hypot(x, y)
    folded_x, folded_y = rotate(*_fold(angle, radius * 2.0**-zoom, segments), turn)
    pattern = sample(frames, folded_x, folded_y)
    return pattern if amount == 1.0 else torch.lerp(frames, pattern, _iris(radius, amount))


def _fold(angle: Tensor, radius: Tensor, segments: int) -> tuple[Tensor, Tensor]:
    """Reflect points into the right half of the wedge that points upwards and spans a `segments`-th of the circle."""
    wedge = math.tau / segments
    folded = ((angle + 0.5 * wedge).remainder(wedge) - 0.5 * wedge).abs()
    return radius * folded.sin(), -radius * folded.cos()


def _iris(radius: Tensor, amount: float) -> Tensor:
    """1 inside a disc that grows with the amount, 0 outside; the rim is a fiftieth of the height soft."""
    rim = 0.04
    # The corner is the farthest point.
    return (((radius[0, 0] + rim) * amount - radius) / rim).clamp_(0.0, 1.0)
