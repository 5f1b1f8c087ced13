"""CRT: a tube screen, with its lines, its mask of phosphors, its glow and its bulge."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.bands import in_bands
from scope_gpu.image.blur import gaussian_blur, growing, shrink
from scope_gpu.image.color import luma
from scope_gpu.image.warp import coordinates, grid, read
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Sigma of the beam between two lines at black and at white, in lines, and the share of light that spreads in the glass.
_THIN, _WIDE, _GLOW = 0.2, 0.5, 0.22
# The bulge at amount 1: how much further the corners reach.
_BULGE = 0.09
# What is left of a phosphor's light next to its own stripe.
_LEAK = 0.25


class CrtFields(BaseModel):
    group: ClassVar[str] = "Signal"

    crt: float = unit_slider("CRT", "Show the picture on a tube screen")
    crt_size: float = slider("CRT size", "Distance of the screen's lines in percent of the height", 0.5, 0.25, 12.0)
    crt_mask: float = unit_slider("CRT mask", "How much the red, green and blue stripes of the mask show", 0.5)
    crt_bulge: float = unit_slider("CRT bulge", "How far the screen bulges", 0.4)


class Numbers(NamedTuple):
    lines: float
    mask: float
    bulge: float
    glow: float


class Maps(NamedTuple):
    """`thin`, `wide` (H, 1): light of a dark and of a bright line, 1 on average. `stripes` (3, 1, W): as much for each
    color of the mask.
    """

    x: Tensor
    y: Tensor
    thin: Tensor
    wide: Tensor
    stripes: Tensor


class Plan(NamedTuple):
    where: Tensor
    inside: Tensor
    thin: Tensor
    wide: Tensor
    stripes: Tensor


class Crt(Effect):
    """Light is the square of the display value. The brighter it is, the wider the beam of a line; the mean light of lines
    and mask is that of the picture.
    """

    fields = CrtFields
    keeps_state = False

    def variant(self, p: CrtFields, context: Context) -> int:
        # Whole pixels, or lines would beat with the rows; three at least, one for each color of the mask.
        return max(3, round(p.crt_size * context.height / 100.0))

    def maps(self, size: tuple[int, int], device: torch.device, variant: int) -> Maps:
        height, width = size
        rows, columns = (torch.arange(length, device=device) for length in size)
        off = ((rows + 0.5) / variant % 1.0 - 0.5)[:, None]
        thin, wide = (_even(torch.exp(-0.5 * (off / sigma) ** 2)) for sigma in (_THIN, _WIDE))
        stripes = torch.stack([_stripe(columns % variant, variant, channel) for channel in range(3)])[:, None]
        return Maps(*coordinates(height, width, device), thin, wide, _even(stripes * (1.0 - _LEAK) + _LEAK))

    def numbers(self, p: CrtFields, context: Context) -> Numbers:
        return Numbers(p.crt, p.crt * p.crt_mask, p.crt * p.crt_bulge * _BULGE, p.crt * _GLOW)

    def plan(self, n: Numbers, maps: Maps) -> Plan:
        height, width = maps.y.shape[-2], maps.x.shape[-1]
        aspect = width / height
        x, y = (maps.x / aspect).expand(height, width), maps.y.expand(height, width)
        # Each side bulges by itself, as glass does, so that the middles of the sides stay in place.
        bent_x, bent_y = x * (1.0 + n.bulge * y * y), y * (1.0 + n.bulge * x * x)
        edge = torch.maximum(bent_x.abs(), bent_y.abs())
        inside = ((1.0 - edge) * (0.25 * height) + 1.0).clamp_(0.0, 1.0)
        thin, wide, stripes = (
            (table - 1.0) * share + 1.0
            for table, share in ((maps.thin, n.lines), (maps.wide, n.lines), (maps.stripes, n.mask))
        )
        return Plan(grid(bent_x * aspect, bent_y, height, width), inside, thin, wide, stripes)

    def apply(self, frame: Tensor, n: Numbers, plan: Plan, memory: Memory) -> Tensor:
        frame = read(frame, plan.where, "border")
        small = shrink(frame, 2)
        glow = growing(gaussian_blur(small * small, 1.5), 2, *frame.shape[-2:])

        def shown(band: Tensor, beside: tuple[Tensor, ...]) -> Tensor:
            glow, inside, thin, wide, stripes = beside
            light = torch.lerp(band * band, glow, n.glow)
            beam = torch.lerp(thin, wide, luma(light))
            return (light * (beam * inside)).mul_(stripes).clamp_(0.0, 1.0).sqrt_()

        return in_bands(shown, frame, (glow, plan.inside, plan.thin, plan.wide, plan.stripes))


def _stripe(columns: Tensor, width: int, channel: int) -> Tensor:
    """How much of each column, (W), lies in a color's third of the mask's period of `width` columns."""
    left, right = channel * width / 3.0, (channel + 1) * width / 3.0
    return ((columns + 1.0).clamp(max=right) - columns.clamp(min=left)).clamp_(min=0.0)


def _even(table: Tensor) -> Tensor:
    """Scaled to a mean of 1."""
    return table / table.mean()
