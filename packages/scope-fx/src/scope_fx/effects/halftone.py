"""Halftone: the picture printed in dots of ink."""

import math
from typing import Any, ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.inks import PRESS, Inks, lay, separate
from scope_gpu.image.blur import gaussian_blur, growing, shrink
from scope_gpu.image.warp import coordinates, rotate
from scope_gpu.plugin.controls import choice, slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# The smallest cell, in pixels, that a round dot can be drawn in.
_SMALLEST = 3
# Sharpening: over how many pixels of the picture that inks are found in, a few of them to a cell, by how many times its own
# contrast, and the contrast of noise, which stays as it is.
_REACH, _SHARP, _NOISE = 2.0, 1.6, 0.06


class HalftoneFields(BaseModel):
    group: ClassVar[str] = "Print"

    halftone: float = unit_slider("Halftone", "Print the picture in dots of ink; less gives smaller dots")
    halftone_size: float = slider("Halftone size", "Distance of the dots in percent of the height", 3.5, 1.0, 10.0)
    halftone_inks: Literal["cmyk", "black"] = choice("Halftone inks", "Four-color or black print", "cmyk")


class Variant(NamedTuple):
    """`cell`: distance of the dots in whole pixels. `whole`: whether nothing is left of the picture between the dots."""

    inks: str
    cell: int
    whole: bool


class Numbers(NamedTuple):
    amount: float


class Maps(NamedTuple):
    """`screens`: the raster of each ink, (H, W), the density from which a pixel takes ink, see `Halftone.maps`."""

    variant: Variant
    inks: Inks
    screens: tuple[Tensor, ...]


class Print(NamedTuple):
    """What is laid on the sheet: the density of each ink in a screen's unit, T(inks)HW, and what lies between, see `rest`;
    None if nothing does. Both are made row by row.
    """

    dots: Any
    screens: tuple[Tensor, ...]
    inks: Inks
    between: Any


class Halftone(Effect):
    """Each ink has round dots on a raster of its own, as large as their place in the picture is dark. The edge of a thing runs
    through a dot, and contrast is raised as before any print: a face is one, although only eight dots wide.

    A smaller amount makes smaller dots; what tone they no longer print, the picture shows between them. So the mean of
    a flat field stays at any amount, and it is that of the picture as far as ink and paper reach.
    """

    fields = HalftoneFields
    pointwise = True
    looks = True
    keeps_state = False

    def variant(self, p: HalftoneFields, context: Context) -> Variant:
        cell = max(_SMALLEST, round(context.height * p.halftone_size / 100.0))
        return Variant(p.halftone_inks, cell, p.halftone == 1.0)

    def maps(self, size: tuple[int, int], device: torch.device, variant: Variant) -> Maps:
        """Densities and thresholds are in units of the soft edge of a dot, whose middle is at 0: their difference, cut off
        at 0 and 1, is what ink covers.
        """
        inks = PRESS[variant.inks]
        screens = [raster(size, device, variant.cell, angle) for angle in inks.angles]
        scale = 0.5 * variant.cell
        return Maps(variant, inks, tuple(screen.mul_(-scale).add_(0.5) for screen in screens))

    def numbers(self, p: HalftoneFields, context: Context) -> Numbers:
        return Numbers(p.halftone)

    def look(self, frame: Tensor, n: Numbers, plan: Maps, memory: Memory) -> Print:
        """How large the dots of each ink are, and what lies between them."""
        cell, softness = plan.variant.cell, 1.0 / plan.variant.cell
        # Some four pixels to a cell; of more than one pixel, whose noise would print.
        halvings = max(int(cell > _SMALLEST), int(math.log2(cell)) - 2)
        densities = separate(sharpened(shrink(frame, halvings)), plan.inks)
        dots = growing(cut(densities * n.amount, softness).mul_(0.5 * cell), halvings, *frame.shape[-2:])
        between = (
            None if plan.variant.whole else growing(rest(densities, plan.inks, n.amount), halvings, *frame.shape[-2:])
        )
        return Print(dots, plan.screens, plan.inks, between)

    def apply(self, frame: Tensor, n: Numbers, plan: Print, memory: Memory) -> Tensor:
        paper, between = frame.new_tensor(plan.inks.paper).view(3, 1, 1), plan.between
        sheet = frame.copy_(paper) if between is None else frame.mul_(between[:, 3:]).add_(between[:, :3])
        for dot, screen, absorbed in zip(plan.dots.split(1, dim=1), plan.screens, plan.inks.absorbed, strict=True):
            lay(sheet, (dot[:, 0] + screen).clamp_(0.0, 1.0), absorbed)
        return sheet if between is None else sheet.clamp_(0.0, 1.0)


def sharpened(frame: Tensor) -> Tensor:
    """TCHW [0, 1] with its contrast from place to place raised, as before any print: most of it is lost in the raster."""
    detail = frame - gaussian_blur(frame, _REACH)
    power = detail * detail
    return frame.addcmul(detail, power / (power + _NOISE * _NOISE), value=_SHARP).clamp_(0.0, 1.0)


def rest(densities: Tensor, inks: Inks, amount: float | Tensor) -> Tensor:
    """What smaller dots leave to the picture between them, T6HW: a tone for paper, three planes, and three factors of the
    picture to be added, so that the tone that dots do not print and the detail that no dot can come from it.
    """
    expected, full = (_paper(densities, inks) for _ in range(2))
    for density, absorbed in zip(densities.split(1, dim=1), inks.absorbed, strict=True):
        lay(expected, density[:, 0] * amount, absorbed)
        lay(full, density[:, 0], absorbed)
    tone = full / expected.clamp_(min=1e-3) * expected.new_tensor(inks.paper).view(3, 1, 1)
    return torch.cat((tone * amount, tone * (1.0 - amount) / full.clamp(min=1e-3)), dim=1)


def _paper(like: Tensor, inks: Inks) -> Tensor:
    return like.new_tensor(inks.paper).view(1, 3, 1, 1).repeat(1, 1, *like.shape[-2:])


def raster(size: tuple[int, int], device: torch.device, cell: float, angle: float) -> Tensor:
    """A square raster of `cell` pixels, turned by `angle` degrees: for each pixel the density from which it takes ink, (H, W).

    The spot function (cos u + cos v) / 2 grows round dots up to a chessboard at one half, then shrinks round holes.
    """
    x, y = rotate(*coordinates(*size, device), angle / 360.0)
    scale = math.tau * size[0] / (2.0 * cell)
    spot = (torch.cos(x * scale) + torch.cos(y * scale)) * 0.5
    # |spot| ** 0.7 is within 0.015 of the distribution of |spot|, which spreads the thresholds evenly.
    return 0.5 - 0.5 * spot.sign() * spot.abs() ** 0.7


def cut(density: Tensor, softness: float) -> Tensor:
    """The threshold at which an edge `softness` wide to each side covers exactly `density`.

    In the middle that is the density. Within `softness` of 0 and 1 the edge is cut off on one side: with d the density and
    s the softness, the covered share (cut + s)^2 / 4s = d is solved for the cut, which gives d - (sqrt s - sqrt d)^2.
    """
    reach = softness**0.5
    few = (reach - density.clamp(min=0.0).sqrt()).clamp_(min=0.0)
    many = (reach - (1.0 - density).clamp_(min=0.0).sqrt()).clamp_(min=0.0)
    return density - few.square() + many.square()
