"""Optical flow."""

import math

import torch
from torch import Tensor

from scope_control.levels import gain, strongest
from scope_control.maps.base import ControlMap, SharedFields, is_for_vace
from scope_control.pyramid import doubled, halve
from scope_control.sampling import read_at
from scope_gpu.image.blur import gaussian_blur
from scope_gpu.image.color import luma
from scope_gpu.image.gradients import scharr

COARSEST = 24
WINDOW_SIGMA = 2.5
ROUNDS = 2
STIFFNESS = 1e-4
WHEEL = (15, 6, 4, 11, 13, 6)
FULL = 0.01
"""Speed of full saturation at medium detail, as a share of the picture's longer side."""
SLOWEST = 0.5
"""Pixels a frame."""


class Flow(ControlMap):
    """Direction as hue, speed as saturation."""

    name = "flow"
    is_still = False

    def draw(self, frames: Tensor, before: Tensor, p: SharedFields) -> Tensor:
        field = flow(frames, before)
        if is_for_vace(p):
            return flow_colours(field, full=fastest(field))
        return flow_colours(field, full=FULL * max(frames.shape[-2:]) / gain(p.control_detail))


def flow(frames: Tensor, before: Tensor) -> Tensor:
    """Where each pixel came from, T2HW: displacement to the right and downwards in pixels since the frame before.

    Dense Lucas-Kanade (1981) from coarse to fine on a pyramid (Bouguet, 2001), at half the size. A small stiffness
    keeps areas without structure at rest.

    Args:
        frames, before: TCHW [0, 1], each frame and the one before it.
    """
    levels = [(halve(luma(frames)), halve(luma(before)))]
    while min(levels[-1][0].shape[-2:]) >= 2 * COARSEST:
        levels.append((halve(levels[-1][0]), halve(levels[-1][1])))
    field = _refine(torch.zeros_like(levels[-1][0]).repeat(1, 2, 1, 1), *levels.pop())
    for now, past in reversed(levels):
        field = _refine(2.0 * doubled(field, like=now), now, past)
    return 2.0 * doubled(field, like=frames)


def fastest(field: Tensor) -> Tensor:
    """The highest speed in each frame of a flow T2HW, T111: full saturation in RAFT's pictures, which VACE was trained on.

    The percentile 99.5, since Lucas-Kanade errs at the picture's edge. Not below half a pixel, so that a shot at rest
    stays white and its noise is not shown as movement.
    """
    return strongest(field.square().sum(dim=1, keepdim=True), 0.005).sqrt().clamp(min=SLOWEST)


def flow_colours(field: Tensor, *, full: float | Tensor) -> Tensor:
    """The usual picture of a flow, T2HW to T3HW [0, 1]: hue is direction, saturation speed, rest is white.

    The colour wheel of Baker et al., "A database and evaluation methodology for optical flow", 2011.

    Args:
        full: speed in pixels a frame that has full saturation; T111 where it differs between frames.
    """
    x, y = field.split(1, dim=1)
    turn = torch.atan2(-y, -x) / math.tau + 0.5
    speed = (torch.sqrt(x * x + y * y) / full).clamp_(max=1.0)
    return 1.0 - speed * (1.0 - _wheel(turn))


def _wheel(turn: Tensor) -> Tensor:
    """Pure colours for T1HW in [0, 1]: six ramps between red, yellow, green, cyan, blue, magenta of uneven length."""
    hue, start = torch.zeros_like(turn), 0
    for length in WHEEL:
        hue += ((turn * sum(WHEEL) - start) / length).clamp_(0.0, 1.0)
        start += length
    red = (hue - 3.0).abs() - 1.0
    green = 2.0 - (hue - 2.0).abs()
    blue = 2.0 - (hue - 4.0).abs()
    return torch.cat([red, green, blue], dim=1).clamp_(0.0, 1.0)


def _refine(field: Tensor, now: Tensor, past: Tensor) -> Tensor:
    dx, dy = scharr(now)
    xx, xy, yy = gaussian_blur(torch.cat([dx * dx, dx * dy, dy * dy], dim=1), WINDOW_SIGMA).split(1, dim=1)
    xx, yy = xx + STIFFNESS, yy + STIFFNESS
    scale = 1.0 / (xx * yy - xy * xy)
    for _ in range(ROUNDS):
        # What is here now came from where the field points back to.
        change = read_at(past, -field[:, :1], -field[:, 1:]) - now
        x, y = gaussian_blur(torch.cat([dx * change, dy * change], dim=1), WINDOW_SIGMA).split(1, dim=1)
        field = field + torch.cat([(yy * x - xy * y) * scale, (xx * y - xy * x) * scale], dim=1).clamp_(-2.0, 2.0)
    return gaussian_blur(field, 1.0)
