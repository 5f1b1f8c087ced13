"""Less flicker: where the picture rests, it and its map are averaged over time; what moves is followed at once."""

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import grow, shrink
from scope_gpu.image.color import luma

TOLERANCE = 0.03
"""Change of luma, [0, 1], at which a pixel begins to count as moving."""
LONGEST = 0.95
"""Share of the last picture that stays at full strength, so that even then nothing freezes."""
CELL = 2
"""Change is judged at a quarter of the size, as noise of single pixels shall not count as movement."""
CUT_CELL = 2
"""And cuts again at a quarter of that."""
CUT_CHANGE = 0.1
CUT_SHARE = 0.5
"""A new shot: in more than this share of the picture luma has changed by more than `CUT_CHANGE`."""


def cuts(change: Tensor) -> Tensor:
    """Which frames begin a new shot, T111 of 0 and 1, from the change of luma T1HW since the frame before."""
    moved = (shrink(change, CUT_CELL).abs() > CUT_CHANGE).to(change.dtype)
    return (moved.mean(dim=(-3, -2, -1), keepdim=True) > CUT_SHARE).to(change.dtype)


def same_shot(frames: Tensor, before: Tensor) -> Tensor:
    """`before`, TCHW, but a frame that begins a new shot is its own predecessor: nothing moves in it."""
    new = cuts(shrink(luma(frames) - luma(before), CELL))
    return torch.where(new > 0.5, frames, before)


def calm(frames: Tensor, last: Tensor | None, strength: float) -> tuple[Tensor, Tensor]:
    """Average each frame with the calmed one before it, as motion-adaptive noise reduction does.

    Args:
        frames: TCHW [0, 1], in the order of time.
        last: 1CHW, the result for the frame before the first one, None if there is none.
        strength: 0 to 1.

    Returns:
        The calmed frames, TCHW, and the share of the past in each pixel, T1HW. The same however the frames are cut into
        calls.
    """
    shares, results = [], []
    for frame in frames.split(1):
        share = frame.new_zeros(1, 1, *frame.shape[-2:]) if last is None else _share(frame, last, strength)
        last = frame if last is None else torch.lerp(frame, last, share)
        shares.append(share)
        results.append(last)
    return torch.cat(results), torch.cat(shares)


def steady(maps: Tensor, last: Tensor | None, shares: Tensor) -> Tensor:
    """Average each map, TCHW, with the one before it by the shares T1HW of `calm`."""
    results = []
    for current, share in zip(maps.split(1), shares.split(1), strict=True):
        last = current if last is None else torch.lerp(current, last, share)
        results.append(last)
    return torch.cat(results)


def _share(frame: Tensor, last: Tensor, strength: float) -> Tensor:
    """How much of the past stays in each pixel: the most where nothing moves, nothing after a cut."""
    change = shrink(luma(frame) - luma(last), CELL)
    # A line is wider than the edge it stands for, and must go with it.
    around = F.max_pool2d(change.abs(), 3, 1, 1)
    share = torch.exp(-(around / TOLERANCE).square()) * (1.0 - cuts(change)) * (LONGEST * strength)
    return grow(share, CELL, *frame.shape[-2:])
