"""Motion."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_control.levels import Levels, smoothstep
from scope_control.maps.base import ControlMap, SharedFields, Shot, Source, denoise, levels_of
from scope_gpu.image.blur import gaussian_blur, grow
from scope_gpu.image.color import REC709_LUMA

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

    def source(self, p: SharedFields, height: int) -> Source:
        return Source(math.floor(math.log2(max(1, height // ROWS))), REC709_LUMA)

    def draw(self, shot: Shot, p: SharedFields) -> Tensor:
        return motion(shot, blur=denoise(p, shot), levels=levels_of(p, 0.03, 4.0))


def motion(shot: Shot, *, blur: float, levels: Levels) -> Tensor:
    """A mask of what moved, T1HW: white, filled, without specks. At half of the full size, or at the shot's if it is larger.

    Args:
        shot: luma.
        blur: sigma in pixels of a Gaussian over the change, against noise.
        levels: of the change, between which black turns into white.
    """
    change = gaussian_blur(shot.frames - shot.before, blur).abs_()
    moved = smoothstep(change, *levels(change))
    clean = torch.minimum(moved, smoothstep(F.avg_pool2d(moved, 3, 1, 1), 0.2, 0.4))
    filled = _filled(clean, max(1, round(REACH * change.shape[-2])))
    # Rounded, and a little wider than what moved.
    height, width = filled.shape[-2:]
    times = max(0, shot.halvings - 1)
    return smoothstep(grow(gaussian_blur(filled, ROUNDING), times, height << times, width << times), 0.2, 0.5)


def _filled(mask: Tensor, reach: int) -> Tensor:
    """T1HW with everything white that has white on two opposite sides, each within `reach` pixels."""
    across, down = (1, reach), (reach, 1)
    left = F.max_pool2d(F.pad(mask, (reach - 1, 0, 0, 0)), across, 1)
    right = F.max_pool2d(F.pad(mask, (0, reach - 1, 0, 0)), across, 1)
    above = F.max_pool2d(F.pad(mask, (0, 0, reach - 1, 0)), down, 1)
    below = F.max_pool2d(F.pad(mask, (0, 0, 0, reach - 1)), down, 1)
    return torch.maximum(torch.minimum(left, right), torch.minimum(above, below))
