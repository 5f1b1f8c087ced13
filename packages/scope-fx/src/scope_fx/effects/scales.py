"""Sizes that are shares of the height, where work is done on a picture of about so many lines whatever the frame's size."""

import math
from collections.abc import Sequence

from torch import Tensor

from scope_gpu.image.blur import Growing, enlarge, growing, shrink


def halvings_to(height: int, lines: int) -> int:
    """How often to halve a picture of that height to come next to `lines`; -1 to double it."""
    return max(-1, round(math.log2(height / lines)))


def halved(frame: Tensor, times: int) -> Tensor:
    """TCHW halved so many times, or doubled."""
    return shrink(frame, times) if times >= 0 else enlarge(frame, frame.shape[-2] << -times, frame.shape[-1] << -times)


def regrown(planes: Tensor, times: int, height: int, width: int) -> Tensor | Growing:
    """The way back from `halved`, for what lies beside a picture in bands."""
    return growing(planes, times, height, width) if times >= 0 else shrink(planes, -times)


def shifted(weights: Sequence[float], doublings: float) -> tuple[float, ...]:
    """The weights of a pyramid's levels for a blur so many doublings wider, at most one; one level more, the same sum."""
    made = [0.0] * (len(weights) + 1)
    for level, weight in enumerate(weights):
        place = max(0.0, level + doublings)
        below = min(int(place), len(weights) - 1)
        made[below] += weight * (1.0 - (place - below))
        made[below + 1] += weight * (place - below)
    return tuple(made)
