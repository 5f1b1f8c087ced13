"""Halftone: the picture printed in dots of ink."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import enlarge
from scope_gpu.image.color import luma
from scope_gpu.image.warp import coordinates, rotate

# Screen angles in degrees as printers set them, so that dots of different inks form rosettes instead of moire.
_CYAN, _MAGENTA, _YELLOW, _BLACK = 15.0, 75.0, 0.0, 45.0


def halftone(frames: Tensor, amount: float, size: float, inks: str) -> Tensor:
    """Print TCHW in [0, 1] with round dots.

    Dots cover as much of the paper as the picture is dark, in display values: scaled down, as video is, the print has
    the picture's brightness.

    Args:
        amount: 0 leaves the picture as it is, 1 shows only the print, in between both are mixed.
        size: distance of the dots in percent of the height.
        inks: "cmyk" (cyan, magenta, yellow and black on white) or "black".
    """
    if amount == 0.0:
        return frames
    cell = max(frames.shape[-2] * size / 100.0, 3.0)
    soft = _soften(frames, cell)
    printed = _print_black(soft, cell) if inks == "black" else _print_cmyk(soft, cell)
    return torch.lerp(frames, printed.expand_as(frames), amount)


def _soften(frames: Tensor, cell: float) -> Tensor:
    """Remove detail finer than half a cell, which would fray the dots."""
    height, width = frames.shape[-2:]
    small = (math.ceil(height / cell * 2.0), math.ceil(width / cell * 2.0))
    return enlarge(F.interpolate(frames, small, mode="bilinear", antialias=True, align_corners=False), height, width)


def _print_black(soft: Tensor, cell: float) -> Tensor:
    return 1.0 - _ink(1.0 - luma(soft), cell, _BLACK)


def _print_cmyk(soft: Tensor, cell: float) -> Tensor:
    """What white paper reflects under four inks; the three colours carry what black leaves."""
    # Squared, black prints the shadows and leaves middle greys to the rosettes of colour.
    black = (1.0 - soft.amax(dim=-3, keepdim=True)).square()
    paper = 1.0 - _ink(black, cell, _BLACK)
    density = 1.0 - soft / (1.0 - black).clamp(min=1e-4)
    planes = zip(density.split(1, dim=-3), (_CYAN, _MAGENTA, _YELLOW), strict=True)
    return paper * torch.cat([1.0 - _ink(plane, cell, angle) for plane, angle in planes], dim=-3)


def _ink(density: Tensor, cell: float, angle: float) -> Tensor:
    """Coverage of each pixel, [0, 1], by dots whose area is `density`; the edge is about a pixel soft."""
    softness = 1.0 / cell
    cut = _cut(density, softness) - screen(density, cell, angle)
    return (cut / (2.0 * softness) + 0.5).clamp_(0.0, 1.0)


def _cut(density: Tensor, softness: float) -> Tensor:
    """The threshold at which a soft edge covers exactly `density`.

    In the middle that is the density. Within `softness` of 0 and 1 the edge is cut off on one side: with d the density and
    s the softness, the covered share (cut + s)^2 / 4s = d is solved for the cut, which gives d - (sqrt s - sqrt d)^2.
    """
    reach = softness**0.5
    few = (reach - density.clamp(min=0.0).sqrt()).clamp_(min=0.0)
    many = (reach - (1.0 - density).clamp_(min=0.0).sqrt()).clamp_(min=0.0)
    return density - few.square() + many.square()


def screen(like: Tensor, cell: float, angle: float) -> Tensor:
    """The density from which each pixel of an (H, W) picture takes ink: evenly distributed over [0, 1].

    The spot function (cos u + cos v) / 2 grows round dots up to a chessboard at one half, then shrinks round holes.
    """
    height, width = like.shape[-2:]
    x, y = rotate(*coordinates(height, width, like.device), angle / 360.0)
    turns = math.pi * height / cell
    spot = (torch.cos(x * turns) + torch.cos(y * turns)) * 0.5
    # |spot| ** 0.7 is within 0.015 of the distribution of |spot|, which makes the thresholds even.
    return 0.5 - 0.5 * spot.sign() * spot.abs() ** 0.7
