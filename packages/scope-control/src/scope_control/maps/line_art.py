"""Line art."""

import math

import torch
from torch import Tensor

from scope_control.levels import NARROWEST, Levels, gain, smoothstep
from scope_control.maps.base import (
    REFERENCE_HEIGHT,
    ControlMap,
    SharedFields,
    Shot,
    Source,
    coarse,
    levels_of,
    pixels,
)
from scope_control.maps.blur import low_pass
from scope_control.sampling import read_along
from scope_gpu.image.blur import gaussian_blur, grow, shrink
from scope_gpu.image.color import REC709_LUMA
from scope_gpu.image.gradients import magnitude, scharr

FINEST, STROKE, SURROUNDINGS = 0.5, 2.5, 16.0
"""Sigmas in pixels of the full picture: of the finer Gaussian at the least, along a line, and of the surroundings."""
SHADE, TEXTURE, REGION = 0.03, 1.7, 0.06
"""A line is drawn where the coarse gradient exceeds `SHADE` and `TEXTURE` times the mean of all lines within a Gaussian whose
sigma is this share of the height."""
LONG, UNBROKEN, TOLERANCE = 10.0, 0.38, 0.13
"""Sigma in 512ths of the height along a line, over which so much of it must be ink, give or take."""
SMALLEST = 1e-12
"""Added to a divisor that may be 0."""


class LineArt(ControlMap):
    """Ink lines that follow the forms, in light and shadow."""

    name = "line_art"
    is_ink = True

    def source(self, p: SharedFields, height: int) -> Source:
        return Source(coarse(height), REC709_LUMA)

    def draw(self, shot: Shot, p: SharedFields) -> Tensor:
        width = max(1.0, pixels(p.control_line_width + 1, shot.frames))
        # Broader lines cover more, and are no more texture for that.
        texture = TEXTURE / gain(p.control_detail) * 2.0 / (p.control_line_width + 1)
        levels = levels_of(p, 0.12, 0.0, 0.04)
        return line_art(shot.frames, width=width, levels=levels, texture=texture, halvings=shot.halvings)


def line_art(planes: Tensor, *, width: float, levels: Levels, texture: float = TEXTURE, halvings: int = 0) -> Tensor:
    """Ink lines that follow the forms, white on black, of luma T1HW [0, 1]: T1HW.

    Flow-based difference of Gaussians (Kang, Lee & Chui, "Coherent line drawing", 2007) with the soft threshold of XDoG
    (Winnemöller, Kyprianidis & Olsen, "XDoG: an extended difference-of-Gaussians compendium", 2012), relative
    to its surroundings, so that shadows are drawn as lines and not filled. What has many lines around it is texture, and
    stays only where it is steep from afar too (Grigorescu, Petkov & Westenberg, "Contour detection based on nonclassical
    receptive field inhibition", 2003); short ticks vanish.

    Args:
        width: of the lines in pixels, roughly.
        texture: how much is held back among many lines.
        halvings: how often the picture has been halved.
        levels: of the difference, where lines begin and where they are white; 1 is about a step from black to white.
    """
    side = 2**halvings
    relative, fine = _relative_luma(planes, SURROUNDINGS / side), FINEST / side + 0.3 * width
    difference = 8.0 * (gaussian_blur(relative, 1.6 * fine) - gaussian_blur(relative, fine))
    twice = _orientation(relative)
    tangent = _tangent(grow(twice, 1, *planes.shape[-2:]))
    lines = _along(difference, *tangent, STROKE / side).clamp_(min=0.0)
    halved = max(1, round(math.log2(width)))
    lines *= grow(_contours(relative, lines, texture, halved), halved, *planes.shape[-2:])
    low, high = levels(lines)
    ink = torch.tanh(3.0 / (high - low + NARROWEST) * (lines - low).clamp_(min=0.0))
    # A line one pixel wide at half the size keeps three quarters when it is enlarged.
    return ink.mul_(grow(_long(ink, twice), 1, *planes.shape[-2:]).mul_(4.0 / 3.0).clamp_(max=1.0))


def _contours(planes: Tensor, lines: Tensor, texture: float, halved: int) -> Tensor:
    """How far what T1HW shows from afar stands out from the lines around, `halved` times: 0 is texture, 1 a contour."""
    near = shrink(planes, halved)
    coarse = magnitude(*scharr(near)) * grow(magnitude(*scharr(shrink(near))), 1, *near.shape[-2:])
    limit = low_pass(shrink(lines, halved), sigma=REGION * near.shape[-2]).mul_(texture).add_(SHADE)
    return smoothstep(coarse.sqrt_().mul_(2.0), limit, 2.0 * limit)


def _long(ink: Tensor, twice: Tensor) -> Tensor:
    """Which of the lines T1HW go on to both sides, at half the size: 0 for a tick, 1 for a line."""
    sigma = max(0.5, LONG / 2 * ink.shape[-2] / REFERENCE_HEIGHT)
    return smoothstep(_along(shrink(ink), *_tangent(twice), sigma), UNBROKEN - TOLERANCE, UNBROKEN + TOLERANCE)


def _relative_luma(planes: Tensor, sigma: float) -> Tensor:
    """Luma divided by that of its wider surroundings: about 1 in every flat area, however dark."""
    around = low_pass(planes, sigma=sigma)
    return (planes / (around + 0.05)).clamp_(max=1.3)


def _orientation(planes: Tensor) -> Tensor:
    """The doubled angle of the edges at half the size, T2HW, from the smoothed structure tensor (Brox et al., 2006).

    Doubled it can be averaged: an edge has no forwards and backwards.
    """
    dx, dy = scharr(shrink(planes))
    return gaussian_blur(torch.cat([dx * dx - dy * dy, 2.0 * dx * dy], dim=1), 1.5)


def _tangent(twice: Tensor) -> tuple[Tensor, Tensor]:
    """Unit vectors along the edges, x and y as T1HW, from their doubled angle."""
    cosine, sine = twice.split(1, dim=1)
    # Half the angle by the formulas for it: an arc tangent costs more than all the rest.
    cosine = cosine / (torch.hypot(cosine, sine) + SMALLEST)
    x, y = (0.5 - 0.5 * cosine).clamp_(min=0.0).sqrt_(), (0.5 + 0.5 * cosine).clamp_(min=0.0).sqrt_()
    return x.copysign_(-sine), y


def _along(planes: Tensor, x: Tensor, y: Tensor, sigma: float) -> Tensor:
    """Gaussian mean along the direction (x, y): closes gaps in lines and washes out specks."""
    side = _paired([math.exp(-0.5 * (step / sigma) ** 2) for step in range(1, max(1, math.floor(1.6 * sigma)) + 1)])
    weights = side | {-offset: weight for offset, weight in side.items()}
    return (planes + read_along(planes, x, y, weights)) / (1.0 + sum(weights.values()))


def _paired(weights: list[float]) -> dict[float, float]:
    """Weights of steps 1, 2, 3, ... as fewer ones by their offset: one bilinear reading between two pixels has both."""
    pairs: dict[float, float] = {}
    for first, near, far in zip(range(1, len(weights) + 1, 2), weights[::2], [*weights[1::2], 0.0], strict=False):
        pairs[first + far / (near + far)] = near + far
    return pairs
