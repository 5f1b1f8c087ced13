"""Lines followed from where they are strong to where they fade."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

STEPS = 512
"""How many pixels a line is followed beyond a strong pixel on a GPU: a fixed count, so that it need not be waited for."""


def connected(ridges: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Ridges above `high`, and those above `low` that hang together with them, all eight neighbours counting (Canny, 1986).

    Over any distance on a CPU, where only the pixels of lines are looked at, and over `STEPS` pixels on a GPU.

    Args:
        ridges: T1HW int16, 0 where there is none.
        low, high: T111 int16.

    Returns:
        T1HW float32 of 0 and 1.
    """
    if ridges.device.type != "cpu":
        return spread(ridges > high, ridges > low, STEPS).to(torch.float32)
    # A border of one pixel, so that every pixel has neighbours, runs end where rows do, and frames do not touch.
    framed = F.pad(ridges, (1, 1, 1, 1)).numpy()
    pixels = np.flatnonzero(framed > low.numpy())
    strong = np.take(framed > high.numpy(), pixels)
    lines = np.zeros(framed.shape, dtype=np.float32)
    lines.ravel()[pixels[reached(pixels, strong, framed.shape[-1])]] = 1.0
    return torch.from_numpy(lines)[..., 1:-1, 1:-1]


def spread(strong: Tensor, weak: Tensor, steps: int) -> Tensor:
    """Repeated 3 x 3 dilation inside the weak pixels, T1HW bool: two kernels a step.

    A flood fill wherever no chain of weak pixels is longer than `steps`.
    """
    kept, limit = strong.to(torch.float16), weak.to(torch.float16)
    for _ in range(steps):
        kept = F.max_pool2d(kept, 3, stride=1, padding=1).mul_(limit)
    return kept.bool()


def reached(pixels: np.ndarray, strong: np.ndarray, stride: int) -> np.ndarray:
    """Which pixels hang together with strong ones, all eight neighbours counting, over any distance.

    Labels of row runs, merged by pointer jumping. In NumPy, which finds, gathers and merges places several times as fast
    as torch.

    Args:
        pixels: ascending places in a flat picture of `stride` pixels a row, none of them in its last column.
        strong: which of them are strong.
    """
    if not len(pixels):
        return strong
    is_break = np.diff(pixels) != 1
    breaks = np.flatnonzero(is_break)
    starts, ends = np.take(pixels, np.append(0, breaks + 1)), np.take(pixels, np.append(breaks, len(pixels) - 1))
    run = np.cumsum(np.append(False, is_break))
    roots = _roots(len(starts), *_touching(starts, ends, stride))
    kept = np.zeros(len(starts), dtype=bool)
    kept[roots[run[strong]]] = True
    return kept[roots][run]


def _touching(starts: np.ndarray, ends: np.ndarray, stride: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of runs, upper and lower, that touch in neighbouring rows, at a corner at least."""
    upper, lower, limit = np.arange(len(starts)), np.searchsorted(ends, starts + (stride - 1)), ends + (stride + 1)
    beginnings = np.append(starts, limit[-1] + 1)
    pairs = []
    # The first run that each one touches below, then the second, and so on: most touch one or none.
    while len(upper):
        near = np.flatnonzero(beginnings[lower] <= limit)
        upper, lower, limit = upper[near], lower[near], limit[near]
        pairs.append((upper, lower))
        lower = lower + 1
    uppers, lowers = zip(*pairs, strict=True)
    return np.concatenate(uppers), np.concatenate(lowers)


def _roots(count: int, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """For each of `count` runs the first one of those it hangs together with (Shiloach & Vishkin, 1982)."""
    roots = np.arange(count)
    while len(upper):
        np.minimum.at(roots, np.maximum(upper, lower), np.minimum(upper, lower))
        while not np.array_equal(roots, further := roots[roots]):
            roots = further
        upper, lower = roots[upper], roots[lower]
        apart = np.flatnonzero(upper != lower)
        upper, lower = upper[apart], lower[apart]
    return roots
