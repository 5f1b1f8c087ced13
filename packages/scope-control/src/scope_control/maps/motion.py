"""Motion."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_control.levels import Levels, smoothstep
from scope_control.maps.base import ControlMap, SharedFields, levels_of
from scope_gpu.image.blur import gaussian_blur, grow, shrink
from scope_gpu.image.color import luma

ROWS = 90
"""Movement is looked for in a picture of this height at the least: what is filled needs no fine detail."""
REACH = 1 / 4
"""How far from the side of what moves it is filled, as a share of the height."""
ROUNDING = 1.5
"""Sigma of the Gaussian that rounds the mask, in pixels of that picture."""


class Motion(ControlMap):
    """White what moved, filled."""

    name = "motion"
    is_still = False

    def draw(self, frames: Tensor, before: Tensor, p: SharedFields) -> Tensor:
        return motion(frames, before, blur=p.control_denoise, levels=levels_of(p, 0.03, 4.0))


def motion(frames: Tensor, before: Tensor, *, blur: float, levels: Levels) -> Tensor:
    """A mask of what moved, TCHW [0, 1] to T1HW: white, filled, without specks.

    Args:
        frames, before: each frame and the one before it.
        blur: sigma in pixels of a Gaussian over both, against noise.
        levels: of the change of luma, between which black turns into white.
    """
    height, width = frames.shape[-2:]
    times = max(0, math.floor(math.log2(max(1, height // ROWS))))
    change = gaussian_blur(shrink(luma(frames) - luma(before), times), blur / 2**times).abs_()
    moved = smoothstep(change, *levels(change))
    clean = torch.minimum(moved, smoothstep(F.avg_pool2d(moved, 3, 1, 1), 0.2, 0.4))
    filled = _filled(clean, max(1, round(REACH * change.shape[-2])))
    # Rounded, and a little wider than what moved.
    return smoothstep(grow(gaussian_blur(filled, ROUNDING), times, height, width), 0.2, 0.5)


def _filled(mask: Tensor, reach: int) -> Tensor:
    """T1HW with everything white that has white on two opposite sides, each within `reach` pixels."""
    across, down = (1, reach), (reach, 1)
    left = F.max_pool2d(F.pad(mask, (reach - 1, 0, 0, 0)), across, 1)
    right = F.max_pool2d(F.pad(mask, (0, reach - 1, 0, 0)), across, 1)
    above = F.max_pool2d(F.pad(mask, (0, 0, reach - 1, 0)), down, 1)
    below = F.max_pool2d(F.pad(mask, (0, 0, 0, reach - 1)), down, 1)
    return torch.maximum(torch.minimum(left, right), torch.minimum(above, below))
