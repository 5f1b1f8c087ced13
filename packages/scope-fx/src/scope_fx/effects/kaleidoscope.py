"""Kaleidoscope: the picture folded into mirrored segments."""

import math

import torch
from torch import Tensor

from scope_gpu.warp import coordinates, rotate, sample


def kaleidoscope(frames: Tensor, amount: float, segments: int, turn: float, zoom: float) -> Tensor:
    """Fold TCHW in [0, 1] into `segments` mirrored wedges around the centre.

    Every point is reflected into one wedge (the fundamental domain of the dihedral group) and reads the picture there.
    In between, points move in a straight line from their own place to the folded one. The fold is continuous, so the
    picture creases without tearing.

    Args:
        amount: 0 leaves the picture as it is, 1 folds it wholly.
        segments: how often the pattern repeats around the centre.
        turn: which part of the picture the wedge shows, in turns around the centre.
        zoom: in doublings; above 0 the wedge shows a smaller part, larger.
    """
    if amount == 0.0:
        return frames
    x, y = coordinates(*frames.shape[-2:], frames.device)
    folded_x, folded_y = rotate(*_fold(x, y, segments), turn)
    scale = 2.0**-zoom
    return sample(frames, torch.lerp(x, folded_x * scale, amount), torch.lerp(y, folded_y * scale, amount))


def _fold(x: Tensor, y: Tensor, segments: int) -> tuple[Tensor, Tensor]:
    """Reflect points into the wedge that points upwards and spans a `segments`-th of the circle."""
    # Measured from the vertical, so that the pattern is the same left and right.
    angle, radius = torch.atan2(x, -y), torch.hypot(x, y)
    wedge = math.tau / segments
    folded = ((angle + 0.5 * wedge).remainder(wedge) - 0.5 * wedge).abs()
    return radius * folded.sin(), -radius * folded.cos()
