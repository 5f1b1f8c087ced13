"""Lines on a CPU: only pixels that may be part of one are looked at. Their number depends on the picture.

In NumPy, which finds, gathers and merges places several times as fast as torch.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from scope_control.lines.ridges import is_ridge, ways
from scope_gpu.image.gradients import Slopes, strongest_channel


def trace(slopes: Slopes, strength: Tensor, low: Tensor | float, high: Tensor | float) -> Tensor:
    """As `scope_control.lines.trace`."""
    # A border of one pixel, so that every pixel has neighbours, runs end where rows do, and frames do not touch.
    framed = F.pad(strength, (1, 1, 1, 1))
    stride, weak = framed.shape[-1], np.flatnonzero((strength >= low).numpy())
    here = _framed(weak, *strength.shape[-2:])
    ridges = np.flatnonzero(_are_ridges(_direction(slopes, weak), here, framed))
    weak, here = np.take(weak, ridges), np.take(here, ridges)
    strong = np.take((strength >= high).numpy().ravel(), weak)
    lines = np.zeros(strength.numel(), dtype=bool)
    lines[weak[reached(here, strong, stride)]] = True
    return torch.from_numpy(lines).view(strength.shape)


def reached(pixels: np.ndarray, strong: np.ndarray, stride: int) -> np.ndarray:
    """Which pixels hang together with strong ones, all eight neighbours counting, over any distance.

    Labels of row runs, merged by pointer jumping.

    Args:
        pixels: ascending places in a flat picture of `stride` pixels a row, none of them in its last column.
        strong: which of them are strong.
    """
    if not len(pixels):
        return strong
    breaks = np.diff(pixels) != 1
    first = np.concatenate([[True], breaks])
    starts, ends = pixels[first], pixels[np.concatenate([breaks, [True]])]
    run = np.cumsum(first) - 1
    roots = _roots(len(starts), *_touching(starts, ends, stride))
    kept = np.zeros(len(starts), dtype=bool)
    kept[roots[run[strong]]] = True
    return kept[roots][run]


def _framed(places: np.ndarray, height: int, width: int) -> np.ndarray:
    """Places in flat pictures of this size, in the same pictures with a border of one pixel."""
    row = places // width
    # Every frame has two rows more, every row two columns.
    return places + 2 * row + (width + 3) + row // height * (2 * (width + 2))


def _direction(slopes: Slopes, places: np.ndarray) -> tuple[Tensor, Tensor]:
    """The steepest channel's derivatives at these places."""
    dx, dy = (
        torch.stack([_at(plane, places) for plane in planes])[None, :, None] for planes in zip(*slopes, strict=True)
    )
    across, down = strongest_channel(dx, dy)
    return across.flatten(), down.flatten()


def _are_ridges(direction: tuple[Tensor, Tensor], here: np.ndarray, framed: Tensor) -> np.ndarray:
    """Non-maximum suppression at the places `here` of the framed strength, as in `dense.ridges`."""
    is_flat, is_falling, slant = ways(*direction)
    kind = 2 * is_flat.numpy().view(np.int8) + is_falling.numpy().view(np.int8)
    below = framed.shape[-1]
    straight = np.take([below, below, 1, 1], kind)
    diagonal = np.take([below - 1, below + 1, 1 - below, below + 1], kind)
    ahead = torch.lerp(_at(framed, here + straight), _at(framed, here + diagonal), slant)
    behind = torch.lerp(_at(framed, here - straight), _at(framed, here - diagonal), slant)
    return is_ridge(_at(framed, here), ahead, behind).numpy()


def _at(plane: Tensor, places: np.ndarray) -> Tensor:
    return torch.from_numpy(np.take(plane.numpy().ravel(), places))


def _touching(starts: np.ndarray, ends: np.ndarray, stride: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of runs, upper and lower, that touch in neighbouring rows, at a corner at least."""
    first = np.searchsorted(ends, starts + (stride - 1))
    count = np.searchsorted(starts, ends + (stride + 1), side="right") - first
    upper = np.repeat(np.arange(len(starts)), count)
    within = np.arange(len(upper)) - np.repeat(np.cumsum(count) - count, count)
    return upper, first[upper] + within


def _roots(count: int, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """For each of `count` runs the first one of those it hangs together with (Shiloach & Vishkin, 1982)."""
    roots = np.arange(count)
    while True:
        one, other = roots[upper], roots[lower]
        if np.array_equal(one, other):
            return roots
        np.minimum.at(roots, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(roots, further := roots[roots]):
            roots = further
