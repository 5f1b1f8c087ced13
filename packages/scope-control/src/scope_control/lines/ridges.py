"""Where a gradient's strength is highest across the gradient."""

import torch
from torch import Tensor


def ways(dx: Tensor, dy: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """From a pixel to those between which its gradient points.

    Returns:
        Whether the straight neighbour is the one to the right, otherwise it is the one below; whether the diagonal one
        lies to the lower right, otherwise to the upper right or lower left; and where between both the gradient points,
        from the straight one (0) to the diagonal one (1).
    """
    ax, ay = dx.abs(), dy.abs()
    slant = torch.minimum(ax, ay) / torch.maximum(ax, ay).clamp_(min=1e-12)
    return ax >= ay, (dx >= 0) == (dy >= 0), slant


def is_ridge(here: Tensor, ahead: Tensor, behind: Tensor) -> Tensor:
    """On a plateau two pixels wide, as an ideal step gives, one of both is the ridge."""
    return (here >= ahead) & (here > behind)
