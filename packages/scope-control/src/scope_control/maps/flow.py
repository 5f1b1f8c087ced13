"""Optical flow."""

import math

import torch
from torch import Tensor

from scope_control.flow import flow
from scope_control.levels import gain, smoothstep, strongest
from scope_control.maps.base import ControlMap, SharedFields, Shot, Source, coarse, is_for_vace
from scope_control.sampling import read_at
from scope_gpu.image.blur import gaussian_blur
from scope_gpu.image.color import REC709_LUMA

WHEEL = (15, 6, 4, 11, 13, 6)
FINEST = 160
"""Rows in which movement is looked for at the least."""
FULL = 0.01
"""Speed of full saturation at medium detail, as a share of the picture's longer side."""
SMOOTH = 1 / 60
"""Sigma of the Gaussian over the field, as a share of the height: networks, whose pictures models know, draw whole bodies."""
AROUND = 1 / 40
"""Sigma of the Gaussian within which movement must explain the change, as a share of the height."""
EXPLAINED = (0.3, 0.6)
"""Shares of the change that movement explains: up to the first it is taken for noise, from the second on for movement."""
FAINTEST = 1e-7
"""Mean square of a change of luma, [0, 1], that is none."""
SLOWEST = 0.5
"""Pixels of the full picture a frame that have full saturation in a picture at rest."""


class Flow(ControlMap):
    """Direction as hue, speed as saturation."""

    name = "flow"
    is_still = False

    def source(self, p: SharedFields, height: int) -> Source:
        return Source(coarse(height, finest=FINEST), REC709_LUMA)

    def draw(self, shot: Shot, p: SharedFields) -> Tensor:
        field = gaussian_blur(certain(flow(shot.frames, shot.before), shot), SMOOTH * shot.frames.shape[-2])
        if is_for_vace(p):
            return flow_colors(field, full=fastest(field, SLOWEST / 2**shot.halvings))
        return flow_colors(field, full=FULL * max(shot.frames.shape[-2:]) / gain(p.control_detail))


def certain(field: Tensor, shot: Shot) -> Tensor:
    """A flow T2HW without what noise makes of a picture at rest: movement must explain the change around it.

    Args:
        shot: luma.
    """
    found = read_at(shot.before, -field[:, :1], -field[:, 1:])
    squares = torch.cat([shot.frames - shot.before, shot.frames - found], dim=1).square_()
    change, left = gaussian_blur(squares, AROUND * field.shape[-2]).split(1, dim=1)
    # Reading between pixels averages noise, and so explains a part of it by any movement.
    return field * smoothstep(1.0 - left / (change + FAINTEST), *EXPLAINED)


def fastest(field: Tensor, slowest: float) -> Tensor:
    """The highest speed in each frame of a flow T2HW, T111: full saturation in RAFT's pictures, which VACE was trained on.

    The percentile 99.5, since Lucas-Kanade errs at the picture's edge. Not below `slowest`, so that a shot at rest
    stays white and its noise is not shown as movement.
    """
    return strongest(field.square().sum(dim=1, keepdim=True), 0.005).sqrt().clamp(min=slowest)


def flow_colors(field: Tensor, *, full: float | Tensor) -> Tensor:
    """The usual picture of a flow, T2HW to T3HW [0, 1]: hue is direction, saturation speed, rest is white.

    The color wheel of Baker et al., "A database and evaluation methodology for optical flow", 2011.

    Args:
        full: speed in pixels a frame that has full saturation; T111 where it differs between frames.
    """
    x, y = field.split(1, dim=1)
    turn = torch.atan2(-y, -x) / math.tau + 0.5
    speed = (torch.sqrt(x * x + y * y) / full).clamp_(max=1.0)
    return 1.0 - speed * (1.0 - _wheel(turn))


def _wheel(turn: Tensor) -> Tensor:
    """Pure colors for T1HW in [0, 1]: six ramps between red, yellow, green, cyan, blue, magenta of uneven length."""
    hue, start = torch.zeros_like(turn), 0
    for length in WHEEL:
        hue += ((turn * sum(WHEEL) - start) / length).clamp_(0.0, 1.0)
        start += length
    red = (hue - 3.0).abs() - 1.0
    green = 2.0 - (hue - 2.0).abs()
    blue = 2.0 - (hue - 4.0).abs()
    return torch.cat([red, green, blue], dim=1).clamp_(0.0, 1.0)
