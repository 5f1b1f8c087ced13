"""Optical flow: how pictures move."""

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_control.sampling import read_at
from scope_gpu.image.blur import gaussian_blur, grow, shrink
from scope_gpu.image.gradients import scharr

COARSEST = 24
WINDOW = (1, 1, 2, 3, 3)
"""Distances at which pixels are added up, one after the other: nearly a Gaussian of sigma 2.4, for a third of its cost."""
ROUNDS = 2
STIFFNESS = 1e-4


def flow(now: Tensor, past: Tensor) -> Tensor:
    """Where each pixel came from, T2HW: displacement to the right and downwards in pixels since the frame before.

    Dense Lucas-Kanade (1981) from coarse to fine on a pyramid (Bouguet, 2001). A small stiffness
    keeps areas without structure at rest.

    Args:
        now, past: luma T1HW [0, 1] of each frame and of the one before it.
    """
    levels = [(now, past)]
    while min(levels[-1][0].shape[-2:]) >= 2 * COARSEST:
        levels.append((shrink(levels[-1][0]), shrink(levels[-1][1])))
    field = _refine(torch.zeros_like(levels[-1][0]).repeat(1, 2, 1, 1), *levels.pop())
    for finer, its_past in reversed(levels):
        field = _refine(2.0 * grow(field, 1, *finer.shape[-2:]), finer, its_past)
    return field


def _refine(field: Tensor, now: Tensor, past: Tensor) -> Tensor:
    dx, dy = scharr(now)
    xx, xy, yy = _window(torch.cat([dx * dx, dx * dy, dy * dy], dim=1)).split(1, dim=1)
    xx, yy = xx + STIFFNESS, yy + STIFFNESS
    scale = 1.0 / (xx * yy - xy * xy)
    for _ in range(ROUNDS):
        # What is here now came from where the field points back to.
        change = read_at(past, -field[:, :1], -field[:, 1:]) - now
        x, y = _window(torch.cat([dx * change, dy * change], dim=1)).split(1, dim=1)
        field = field + torch.cat([(yy * x - xy * y) * scale, (xx * y - xy * x) * scale], dim=1).clamp_(-2.0, 2.0)
    return gaussian_blur(field, 1.0)


def _window(planes: Tensor) -> Tensor:
    """The mean of TCHW around each pixel, weighted by `WINDOW`; the edge is repeated outwards."""
    reach = sum(WINDOW) // 2
    planes = F.pad(planes, (reach, reach, reach, reach), mode="replicate")
    for step in WINDOW:
        planes = planes[..., step:] + planes[..., :-step]
    for step in WINDOW:
        planes = planes[..., step:, :] + planes[..., :-step, :]
    return planes.mul_(0.25 ** len(WINDOW))
