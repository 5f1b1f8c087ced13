"""Line art."""

import math

import torch
from torch import Tensor

from scope_control.levels import NARROWEST, Levels
from scope_control.maps.base import ControlMap, SharedFields, levels_of, pixels
from scope_control.maps.blur import low_pass
from scope_control.pyramid import doubled, halve
from scope_control.sampling import read_along
from scope_gpu.image.blur import gaussian_blur
from scope_gpu.image.color import luma
from scope_gpu.image.gradients import scharr

STROKE_STEPS = (-4, -3, -2, -1, 1, 2, 3, 4)
STROKE_SIGMA = 2.5
SURROUNDINGS_SIGMA = 16.0


class LineArt(ControlMap):
    """Ink lines that follow the forms, in light and shadow."""

    name = "line_art"
    is_ink = True

    def draw(self, frames: Tensor, before: Tensor, p: SharedFields) -> Tensor:
        width = pixels(p.control_line_width + 1, frames)
        return line_art(frames, width=width, levels=levels_of(p, 0.08, 2.0, 0.04))


def line_art(frames: Tensor, *, width: float, levels: Levels) -> Tensor:
    """Ink lines that follow the forms, white on black: TCHW [0, 1] to T1HW.

    Flow-based difference of Gaussians (Kang, Lee & Chui, "Coherent line drawing", 2007) with the soft threshold of XDoG
    (Winnemöller, Kyprianidis & Olsen, "XDoG: an extended difference-of-Gaussians compendium", 2012), of luma relative
    to its surroundings, so that shadows are drawn as lines and not filled.

    Args:
        width: of the lines in pixels, roughly.
        levels: of the difference, where lines begin and where they are white; 1 is about a step from black to white.
    """
    relative = _relative_luma(luma(frames))
    fine = 0.5 + 0.3 * width
    difference = 8.0 * (gaussian_blur(relative, 1.6 * fine) - gaussian_blur(relative, fine))
    difference = _along(difference, *_tangent(relative))
    low, high = levels(difference.abs())
    return torch.tanh(3.0 / (high - low + NARROWEST) * (difference - low).clamp_(min=0.0))


def _relative_luma(planes: Tensor) -> Tensor:
    """Luma divided by that of its wider surroundings: about 1 in every flat area, however dark."""
    around = low_pass(planes, sigma=SURROUNDINGS_SIGMA)
    return (planes / (around + 0.05)).clamp_(max=1.3)


def _tangent(planes: Tensor) -> tuple[Tensor, Tensor]:
    """Unit vectors along the edges, from the smoothed structure tensor (Brox et al., 2006), x and y as T1HW."""
    dx, dy = scharr(halve(planes))
    # The direction as the doubled angle, which can be averaged: an edge has no forwards and backwards.
    twice = gaussian_blur(torch.cat([dx * dx - dy * dy, 2.0 * dx * dy], dim=1), 1.5)
    cosine, sine = doubled(twice, like=planes).split(1, dim=1)
    across = 0.5 * torch.atan2(sine, cosine)
    return -torch.sin(across), torch.cos(across)


def _along(planes: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Gaussian mean along the direction (x, y): closes gaps in lines and washes out specks."""
    weights = {step: math.exp(-0.5 * (step / STROKE_SIGMA) ** 2) for step in STROKE_STEPS}
    return (planes + read_along(planes, x, y, weights)) / (1.0 + sum(weights.values()))
