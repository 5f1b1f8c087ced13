"""From gradients to lines: thin ridges, followed along their length, drawn in a chosen width."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

HYSTERESIS_STEPS = 512
"""How many pixels a line is followed beyond a strong pixel: a fixed count, so that no device has to be waited for."""


def thin(dx: Tensor, dy: Tensor, strength: Tensor) -> Tensor:
    """Which pixels are ridges of `strength` across the gradient: non-maximum suppression (Canny, 1986), T1HW bool.

    The two neighbours along the gradient are interpolated between the pixels around. On a plateau two pixels wide, as
    an ideal step gives, one of both stays. Beyond the picture's edge the strength is 0.
    """
    ax, ay = dx.abs(), dy.abs()
    flat = ax >= ay
    # Where along the line from the straight to the diagonal neighbour the gradient points.
    slant = torch.minimum(ax, ay) / torch.maximum(ax, ay).clamp(min=1e-12)
    falling = (dx >= 0) == (dy >= 0)
    at = _neighbours(strength)
    ahead = torch.where(flat, at(0, 1), at(1, 0))
    behind = torch.where(flat, at(0, -1), at(-1, 0))
    # With dx and dy of one sign the diagonal runs to the lower right, otherwise to the upper right or lower left.
    rising_ahead = torch.where(flat, at(-1, 1), at(1, -1))
    rising_behind = torch.where(flat, at(1, -1), at(-1, 1))
    ahead = torch.lerp(ahead, torch.where(falling, at(1, 1), rising_ahead), slant)
    behind = torch.lerp(behind, torch.where(falling, at(-1, -1), rising_behind), slant)
    return (strength >= ahead) & (strength > behind)


def hysteresis(strong: Tensor, weak: Tensor, steps: int = HYSTERESIS_STEPS) -> Tensor:
    """The strong pixels and those weak ones that hang together with them over at most `steps` pixels.

    Repeated 3 x 3 dilation inside the weak pixels: all eight neighbours count. T1HW bool, strong a part of weak.
    Equal to a flood fill wherever no chain of weak pixels is longer than `steps`.
    """
    return (_spread_bytes if weak.device.type == "cpu" else _spread_pooled)(strong, weak, steps)


def _spread_bytes(strong: Tensor, weak: Tensor, steps: int) -> Tensor:
    """On the CPU: byte operations are some eighty times faster than pooling, and asking whether it is done is free."""
    height, width = weak.shape[-2:]
    kept = F.pad(strong.to(torch.uint8), (1, 1, 1, 1))
    inner, limit = kept[..., 1 : height + 1, 1 : width + 1], weak.to(torch.uint8)
    for step in range(steps):
        before = inner.clone() if step % 16 == 15 else None
        row = kept[..., :-2] | kept[..., 1:-1] | kept[..., 2:]
        torch.bitwise_and(row[..., :-2, :] | row[..., 1:-1, :] | row[..., 2:, :], limit, out=inner)
        if before is not None and torch.equal(before, inner):
            break
    return inner.bool()


def _spread_pooled(strong: Tensor, weak: Tensor, steps: int) -> Tensor:
    """On a GPU: two kernels a step, and never a question to the device."""
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


def _disc(width: int, like: Tensor) -> Tensor:
    offsets = torch.arange(width, device=like.device, dtype=like.dtype) - (width - 1) / 2
    return (offsets[:, None] ** 2 + offsets**2 <= (width / 2) ** 2).to(like.dtype)
