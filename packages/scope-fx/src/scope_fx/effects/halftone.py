"""Halftone: the picture printed in dots of ink."""

import math
from typing import Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import enlarge
from scope_gpu.image.color import luma
from scope_gpu.image.warp import coordinates, rotate
from scope_gpu.plugin.controls import choice, slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Screen angles in degrees as printers set them, so that dots of different inks form rosettes instead of moire.
_CYAN, _MAGENTA, _YELLOW, _BLACK = 15.0, 75.0, 0.0, 45.0


class HalftoneFields(BaseModel):
    halftone: float = unit_slider("Halftone", "Print the picture in dots of ink")
    halftone_size: float = slider("Halftone size", "Distance of the dots in percent of the height", 2.0, 1.0, 10.0)
    halftone_inks: Literal["cmyk", "black"] = choice("Halftone inks", "Four-colour or black print", "cmyk")


class Numbers(NamedTuple):
    amount: float


class Maps(NamedTuple):
    """`cell`: distance of the dots in pixels. `screens`: of black, and of cyan, magenta and yellow where they print."""

    cell: float
    screens: tuple[Tensor, ...]


class Halftone(Effect):
    """Round dots that cover as much of the paper as the picture is dark, in display values: scaled down, as video is,
    the print has the picture's brightness. At amount 1 only the print shows, in between both are mixed.
    """

    fields = HalftoneFields

    def variant(self, p: HalftoneFields, context: Context) -> tuple[str, float]:
        return p.halftone_inks, max(context.height * p.halftone_size / 100.0, 3.0)

    def maps(self, size: tuple[int, int], device: torch.device, variant: tuple[str, float]) -> Maps:
        inks, cell = variant
        angles = (_BLACK,) if inks == "black" else (_BLACK, _CYAN, _MAGENTA, _YELLOW)
        return Maps(cell, tuple(screen(size, device, cell, angle) for angle in angles))

    def numbers(self, p: HalftoneFields, context: Context) -> Numbers:
        return Numbers(p.halftone)

    def apply(self, frame: Tensor, n: Numbers, plan: Maps, memory: Memory) -> Tensor:
        soft = _soften(frame, plan.cell)
        printed = _print_black(soft, plan) if len(plan.screens) == 1 else _print_cmyk(soft, plan)
        return torch.lerp(frame, printed.expand_as(frame), n.amount)


def screen(size: tuple[int, int], device: torch.device, cell: float, angle: float) -> Tensor:
    """The density from which each pixel takes ink, (H, W): evenly distributed over [0, 1].

    The spot function (cos u + cos v) / 2 grows round dots up to a chessboard at one half, then shrinks round holes.
    """
    x, y = rotate(*coordinates(*size, device), angle / 360.0)
    turns = math.pi * size[0] / cell
    spot = (torch.cos(x * turns) + torch.cos(y * turns)) * 0.5
    # |spot| ** 0.7 is within 0.015 of the distribution of |spot|, which makes the thresholds even.
    return 0.5 - 0.5 * spot.sign() * spot.abs() ** 0.7


def _soften(frame: Tensor, cell: float) -> Tensor:
    """Remove detail finer than half a cell, which would fray the dots."""
    height, width = frame.shape[-2:]
    small = (math.ceil(height / cell * 2.0), math.ceil(width / cell * 2.0))
    return enlarge(F.interpolate(frame, small, mode="bilinear", antialias=True, align_corners=False), height, width)


def _print_black(soft: Tensor, plan: Maps) -> Tensor:
    return 1.0 - _ink(1.0 - luma(soft), plan.screens[0], plan.cell)


def _print_cmyk(soft: Tensor, plan: Maps) -> Tensor:
    """What white paper reflects under four inks; the three colours carry what black leaves."""
    # Squared, black prints the shadows and leaves middle greys to the rosettes of colour.
    black = (1.0 - soft.amax(dim=-3, keepdim=True)).square()
    paper = 1.0 - _ink(black, plan.screens[0], plan.cell)
    density = 1.0 - soft / (1.0 - black).clamp(min=1e-4)
    planes = zip(density.split(1, dim=-3), plan.screens[1:], strict=True)
    return paper * torch.cat([1.0 - _ink(plane, threshold, plan.cell) for plane, threshold in planes], dim=-3)


def _ink(density: Tensor, threshold: Tensor, cell: float) -> Tensor:
    """Coverage of each pixel, [0, 1], by dots whose area is `density`; the edge is about a pixel soft."""
    softness = 1.0 / cell
    cut = _cut(density, softness) - threshold
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
