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
DIRECTIONS = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1) if down or across]
ENCLOSED = 5
"""What has white in so many of these directions lies within what moves."""
PASSING = 0.08
"""The highest automatic threshold: when all of the picture moves, the median is no longer noise."""
ROUNDING = 1.5
"""Sigma of the Gaussian that rounds the mask, in pixels of that picture."""


class Motion(ControlMap):
    """White what moved, filled."""

    name = "motion"
    is_still = False
    lingers = True

    def source(self, p: SharedFields, height: int) -> Source:
        return Source(math.floor(math.log2(max(1, height // ROWS))), REC709_LUMA)

    def draw(self, shot: Shot, p: SharedFields) -> Tensor:
        return motion(shot, blur=denoise(p, shot), levels=levels_of(p, 0.03, 4.0, highest=PASSING))


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
    # Without tongues and bays, then rounded, and a little wider than what moved.
    even = smoothstep(gaussian_blur(filled, ROUNDING), 0.3, 0.55)
    height, width = filled.shape[-2:]
    times = max(0, shot.halvings - 1)
    return smoothstep(grow(gaussian_blur(even, ROUNDING), times, height << times, width << times), 0.2, 0.5)


def _filled(mask: Tensor, reach: int) -> Tensor:
    """T1HW with everything white that lies within white on most sides, each within `reach` pixels.

    By rows and columns alone it would grow corners; eight directions leave round forms round.
    """
    around = _lit(mask, reach, *DIRECTIONS[0])
    for down, across in DIRECTIONS[1:]:
        around += _lit(mask, reach, down, across)
    return torch.maximum(mask, smoothstep(around, ENCLOSED - 1.0, ENCLOSED))


def _lit(mask: Tensor, reach: int, down: int, across: int) -> Tensor:
    """The highest of T1HW from each pixel on in one direction, up to `reach` pixels away, by maxima of 1, 2, 4, ... of them."""
    height, width = mask.shape[-2:]
    seen, highest = 1, mask
    while seen < reach:
        step = min(seen, reach - seen)
        padded = F.pad(highest, (step, step, step, step))
        top, left = step + down * step, step + across * step
        highest = torch.maximum(highest, padded[..., top : top + height, left : left + width])
        seen += step
    return highest.clone() if highest is mask else highest
