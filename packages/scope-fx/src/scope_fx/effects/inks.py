"""Inks and paper, and how a picture is separated into them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from scope_gpu.image.color import Matrix, luma, mix_channels

# Within a hundredth for all colors that the inks can print.
_CORRECTIONS = 6

type Color = tuple[float, float, float]


@dataclass(frozen=True)
class Inks:
    """A press: paper and inks, black first, and the angles of their rasters in degrees.

    `absorbed`: the share of red, green and blue that each ink takes from the light on paper. `unmix`: the inverse of what
    the three colors absorb together where there is little of them.
    """

    paper: Color
    absorbed: tuple[Color, ...]
    angles: tuple[float, ...]
    unmix: Matrix


def press(paper: Color, colors: tuple[Color, ...], angles: tuple[float, ...]) -> Inks:
    """Inks by their colors on paper, sRGB in [0, 1]."""
    red, green, blue = paper
    absorbed = tuple((1.0 - r / red, 1.0 - g / green, 1.0 - b / blue) for r, g, b in colors)
    unmix = torch.linalg.inv(torch.tensor(absorbed[1:]).T).tolist() if len(colors) == 4 else []
    return Inks(paper, absorbed, angles, unmix)


_PAPER = (0.98, 0.97, 0.94)
_BLACK = (0.07, 0.065, 0.075)
_CYAN, _MAGENTA, _YELLOW = (0.0, 0.62, 0.88), (0.90, 0.05, 0.50), (0.98, 0.90, 0.05)

# Angles as printers set them, so that dots of different inks form rosettes instead of moire.
PRESS = {
    "black": press(_PAPER, (_BLACK,), (45.0,)),
    "cmyk": press(_PAPER, (_BLACK, _CYAN, _MAGENTA, _YELLOW), (45.0, 15.0, 75.0, 0.0)),
}


def separate(frame: Tensor, inks: Inks) -> Tensor:
    """The density of each ink, T(inks)HW in [0, 1], that prints a picture, TCHW display values in [0, 1].

    Black carries most of the gray, (0.9 gray)^1.15. The colors are solved for: dots that overlap at random reflect the
    product of what each leaves (Demichel and Neugebauer), so that a gray stays gray although no ink is pure.
    """
    paper = frame.new_tensor(inks.paper).view(3, 1, 1)
    black = frame.new_tensor(inks.absorbed[0]).view(3, 1, 1)
    share = (frame / paper).clamp_(0.0, 1.0)
    if len(inks.absorbed) == 1:
        return ((1.0 - luma(share)) / luma(black)).clamp_(0.0, 1.0)
    key = (0.9 * (1.0 - share.amax(dim=1, keepdim=True))) ** 1.15
    return torch.cat((key, _solve((share / (1.0 - key * black)).clamp_(0.0, 1.0), inks)), dim=1)


def _solve(wanted: Tensor, inks: Inks) -> Tensor:
    """Densities of the three colors that reflect `wanted`, by corrections with the inverse of what little ink does."""
    densities = mix_channels(1.0 - wanted, inks.unmix).clamp_(0.0, 1.0)
    for _ in range(_CORRECTIONS):
        reflected = torch.ones_like(wanted)
        for density, absorbed in zip(densities.split(1, dim=1), inks.absorbed[1:], strict=True):
            lay(reflected, density[:, 0], absorbed)
        densities = (densities + mix_channels(reflected - wanted, inks.unmix)).clamp_(0.0, 1.0)
    return densities


def lay(sheet: Tensor, coverage: Tensor, absorbed: Color) -> None:
    """Lay ink over part, THW in [0, 1], of a sheet, T3HW, in place: it takes its share of each channel's light."""
    for channel, share in enumerate(absorbed):
        plane = sheet[:, channel]
        plane.addcmul_(plane, coverage, value=-share)
