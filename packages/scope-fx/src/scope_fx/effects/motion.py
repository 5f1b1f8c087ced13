"""How a picture moves, coarsely: enough for blocks."""

import torch
from torch import Tensor

from scope_gpu.image.blur import enlarge, gaussian_blur, shrink
from scope_gpu.image.gradients import scharr
from scope_gpu.image.warp import coordinates, sample

_LEVELS, _ROUNDS = 3, 2
# Keeps what has no structure at rest, in squared differences of luma.
_STIFFNESS = 2e-4
# In pixels of a level: no step goes further, and sums are taken over about twice as much.
_LONGEST, _WINDOW = 1.5, 2.0


def motion(now: Tensor, past: Tensor) -> Tensor:
    """How far each pixel came since the picture before, (1, 2, H, W): to the right and down, in pixels.

    Lucas and Kanade's method (1981) from coarse to fine (Bouguet, 2001), on three levels.

    Args:
        now, past: luma 11HW in [0, 1], of some 200 lines.
    """
    levels = [(now, past)]
    while len(levels) < _LEVELS and min(levels[-1][0].shape[-2:]) >= 16:
        levels.append((shrink(levels[-1][0]), shrink(levels[-1][1])))
    field = torch.zeros_like(levels[-1][0]).repeat(1, 2, 1, 1)
    for now, past in reversed(levels):
        height, width = now.shape[-2:]
        if field.shape[-2:] != now.shape[-2:]:
            rows, columns = field.shape[-2:]
            field = 2.0 * enlarge(field, 2 * rows, 2 * columns)[..., :height, :width]
        field = _refined(field, now, past)
    return field


def missed(field: Tensor, now: Tensor, past: Tensor) -> Tensor:
    """How far 11HW luma of the present is from that of the past, moved by `field`: where motion does not explain it."""
    height, width = now.shape[-2:]
    return (_came(field, past, *coordinates(height, width, now.device)) - now).abs_()


def _came(field: Tensor, past: Tensor, x: Tensor, y: Tensor) -> Tensor:
    scale = 2.0 / past.shape[-2]
    return sample(past, x - field[0, 0] * scale, y - field[0, 1] * scale, "border")


def _refined(field: Tensor, now: Tensor, past: Tensor) -> Tensor:
    dx, dy = scharr(now)
    xx, xy, yy = gaussian_blur(torch.cat((dx * dx, dx * dy, dy * dy), dim=1), _WINDOW).split(1, dim=1)
    xx, yy = xx + _STIFFNESS, yy + _STIFFNESS
    scale = 1.0 / (xx * yy - xy * xy)
    height, width = now.shape[-2:]
    x, y = coordinates(height, width, now.device)
    for _ in range(_ROUNDS):
        change = _came(field, past, x, y) - now
        right, down = gaussian_blur(torch.cat((dx * change, dy * change), dim=1), _WINDOW).split(1, dim=1)
        step = torch.cat(((yy * right - xy * down) * scale, (xx * down - xy * right) * scale), dim=1)
        field = field + step.clamp_(-_LONGEST, _LONGEST)
    return field
