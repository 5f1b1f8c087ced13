"""From gradients to lines: thin ridges, followed along their length, drawn in a chosen width."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

HYSTERESIS_STEPS = 512
"""How many pixels a line is followed beyond a strong pixel on a GPU: a fixed count, so that it need not be waited for."""


def thin(dx: Tensor, dy: Tensor, strength: Tensor, low: Tensor | float = 0.0) -> Tensor:
    """Which pixels are ridges of `strength` across the gradient: non-maximum suppression (Canny, 1986), T1HW bool.

    The two neighbours along the gradient are interpolated between the pixels around. On a plateau two pixels wide, as
    an ideal step gives, one of both stays. Beyond the picture's edge the strength is 0.

    Args:
        low: a number or T111; what is weaker is no ridge, and on a CPU costs nothing.
    """
    candidates = strength >= low
    if strength.device.type != "cpu":
        return candidates & _is_ridge(dx, dy, strength, _neighbours(strength))
    places = candidates.flatten().nonzero().flatten()
    picked = [plane.flatten()[places] for plane in (dx, dy, strength)]
    ridges = torch.zeros(strength.numel(), dtype=torch.bool)
    ridges[places] = _is_ridge(*picked, _neighbours_of(places, strength))
    return ridges.view(strength.shape)


def _is_ridge(dx: Tensor, dy: Tensor, here: Tensor, at: Callable[[int, int], Tensor]) -> Tensor:
    ax, ay = dx.abs(), dy.abs()
    flat = ax >= ay
    # Where along the line from the straight to the diagonal neighbour the gradient points.
    slant = torch.minimum(ax, ay) / torch.maximum(ax, ay).clamp(min=1e-12)
    falling = (dx >= 0) == (dy >= 0)
    ahead = torch.where(flat, at(0, 1), at(1, 0))
    behind = torch.where(flat, at(0, -1), at(-1, 0))
    # With dx and dy of one sign the diagonal runs to the lower right, otherwise to the upper right or lower left.
    rising_ahead = torch.where(flat, at(-1, 1), at(1, -1))
    rising_behind = torch.where(flat, at(1, -1), at(-1, 1))
    ahead = torch.lerp(ahead, torch.where(falling, at(1, 1), rising_ahead), slant)
    behind = torch.lerp(behind, torch.where(falling, at(-1, -1), rising_behind), slant)
    return (here >= ahead) & (here > behind)


def hysteresis(strong: Tensor, weak: Tensor) -> Tensor:
    """The strong pixels and those weak ones that hang together with them, all eight neighbours counting.

    On a CPU over any distance, on a GPU over at most `HYSTERESIS_STEPS` pixels. T1HW bool, strong a part of weak.
    """
    return connected(strong, weak) if weak.device.type == "cpu" else spread(strong, weak, HYSTERESIS_STEPS)


def connected(strong: Tensor, weak: Tensor) -> Tensor:
    """A flood fill of the weak pixels from the strong ones, T1HW bool: labels of row runs, merged by pointer jumping.

    Its steps depend on the picture, which a GPU would have to be waited for.
    """
    # One row and one column between, so that runs end where rows do and frames do not touch.
    framed = F.pad(weak, (0, 1, 0, 1))
    pixels = framed.flatten().nonzero().flatten()
    if not len(pixels):
        return torch.zeros_like(weak)
    breaks = pixels.diff() != 1
    edge = breaks.new_ones(1)
    starts, ends = pixels[torch.cat([edge, breaks])], pixels[torch.cat([breaks, edge])]
    roots = _roots(len(starts), *_touching(starts, ends, framed.shape[-1]))
    seeds = F.pad(strong, (0, 1, 0, 1)).flatten().nonzero().flatten()
    kept = torch.zeros(len(starts), dtype=torch.bool)
    kept[roots[torch.searchsorted(starts, seeds, right=True) - 1]] = True
    filled = torch.zeros(framed.numel(), dtype=torch.bool)
    filled[pixels] = torch.repeat_interleave(kept[roots], ends - starts + 1)
    return filled.view(framed.shape)[..., :-1, :-1]


def _touching(starts: Tensor, ends: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """Pairs of runs, upper and lower, that touch in neighbouring rows, at a corner at least."""
    first = torch.searchsorted(ends, starts + (stride - 1))
    count = torch.searchsorted(starts, ends + (stride + 1), right=True) - first
    upper = torch.repeat_interleave(torch.arange(len(starts)), count)
    within = torch.arange(len(upper)) - torch.repeat_interleave(count.cumsum(0) - count, count)
    return upper, first[upper] + within


def _roots(count: int, upper: Tensor, lower: Tensor) -> Tensor:
    """For each of `count` runs the first one of those it hangs together with (Shiloach & Vishkin, 1982)."""
    roots = torch.arange(count)
    while True:
        one, other = roots[upper], roots[lower]
        if torch.equal(one, other):
            return roots
        roots.scatter_reduce_(0, torch.maximum(one, other), torch.minimum(one, other), "amin")
        while not torch.equal(roots, further := roots[roots]):
            roots = further


def spread(strong: Tensor, weak: Tensor, steps: int) -> Tensor:
    """Repeated 3 x 3 dilation inside the weak pixels, T1HW bool: two kernels a step, and never a question to a GPU.

    Equal to `connected` wherever no chain of weak pixels is longer than `steps`.
    """
    kept, limit = strong.to(torch.float16), weak.to(torch.float16)
    for _ in range(steps):
        kept = F.max_pool2d(kept, 3, stride=1, padding=1).mul_(limit)
    return kept.bool()


def thicken(lines: Tensor, width: int) -> Tensor:
    """Draw lines (T1HW in {0, 1}) with a round brush `width` pixels across; 1 leaves them as they are."""
    if width <= 1:
        return lines
    brush = _disc(width, lines)
    before = width // 2
    padded = F.pad(lines, (before, width - 1 - before, before, width - 1 - before))
    # Half a hit is a hit: convolution in TF32 or float32 may miss the whole number by a little.
    return (F.conv2d(padded, brush[None, None]) > 0.5).to(lines.dtype)


def _neighbours(planes: Tensor) -> Callable[[int, int], Tensor]:
    """Shifts of T1HW: the result called with (1, 0) has at each pixel the value of the one below it."""
    height, width = planes.shape[-2:]
    padded = F.pad(planes, (1, 1, 1, 1))
    return lambda down, right: padded[..., 1 + down : 1 + down + height, 1 + right : 1 + right + width]


def _neighbours_of(places: Tensor, planes: Tensor) -> Callable[[int, int], Tensor]:
    """As `_neighbours`, for the pixels at `places` of T1HW made flat only."""
    width = planes.shape[-1]
    padded = F.pad(planes, (1, 1, 1, 1))
    row, column = places // width, places % width
    # Every frame has two rows more.
    here = (row + 2 * (row // planes.shape[-2]) + 1) * (width + 2) + column + 1
    values = padded.flatten()
    return lambda down, right: values[here + (down * (width + 2) + right)]


def _disc(width: int, like: Tensor) -> Tensor:
    offsets = torch.arange(width, device=like.device, dtype=like.dtype) - (width - 1) / 2
    return (offsets[:, None] ** 2 + offsets**2 <= (width / 2) ** 2).to(like.dtype)
