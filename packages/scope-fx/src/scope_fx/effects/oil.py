"""Oil: the picture painted in strokes that follow its forms."""

import math
from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor
from torch.nn import functional as F

from scope_fx.effects.flow import along, tangents
from scope_fx.effects.gaussian import halvings, kernel, soften
from scope_gpu.image.bands import Whole, in_bands
from scope_gpu.image.blur import Growing, growing, shrink
from scope_gpu.image.color import luma
from scope_gpu.image.gradients import scharr
from scope_gpu.image.hashing import hash_unit
from scope_gpu.plugin.controls import unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Strokes are painted in a picture about so many lines high.
_HEIGHT = 360
# The brush: how many sectors it is compared in, how far their middles lie at size 0 and 1 in pixels of that picture, how
# wide a sector is by that, and how much longer the brush is along a stroke than across.
_SECTORS, _NEAR, _FAR, _WIDTH, _STRETCH = 8, 1.2, 7.0, 0.5, 1.5
# So many pixels around the picture are its edge repeated, so that no sector lies beyond them.
_BORDER = math.ceil(_FAR * _STRETCH)
# The variance from which a sector counts for less, to the fourth power.
_CALM = 3e-4
_VIVID = 1.15
# Hairs: how far they are drawn, and how much light their slopes and those of the paint catch.
_STEPS, _STEP = 2, 3.0
_HAIRS, _PAINT = 1.0, 2.2
_LAMP = (-0.6, -0.8)


class OilFields(BaseModel):
    group: ClassVar[str] = "Print"

    oil: float = unit_slider("Oil", "Paint the picture")
    oil_size: float = unit_slider("Oil size", "Width of the brush", 0.45)
    oil_bristles: float = unit_slider(
        "Oil bristles", "How much the hairs of the brush and the thickness of paint show", 0.5
    )


class Numbers(NamedTuple):
    """`reach`: from a pixel to the middle of a sector, in pixels of the small picture."""

    amount: float
    reach: float
    bristles: float
    weights: tuple[float, ...]


class Maps(NamedTuple):
    """`shrinks`: to the small picture; `blurs`: from there to the one a sector is the mean of. `places`: where its pixels are
    in one with a border, (H, W) int32. `sectors`: rows for columns and then for rows, half of all sectors each, by which
    the direction of a form becomes the way to their middles. `noise`: of the hairs.
    """

    shrinks: int
    blurs: int
    places: Tensor
    sectors: Tensor
    noise: Tensor


class Oil(Effect):
    """An anisotropic Kuwahara filter (Kyprianidis, Kang & Doellner, "Image and video abstraction by anisotropic Kuwahara
    filtering", 2009): around each pixel lie eight sectors, drawn out along the forms, and the calmer one is, the more it
    counts. A sector's mean is read from a blurred picture. Light falls on the hairs of the brush, which are noise drawn
    out along the forms, and on the edges of the paint.
    """

    fields = OilFields
    pointwise = True
    looks = True
    keeps_state = False

    def variant(self, p: OilFields, context: Context) -> int:
        return halvings(_WIDTH * _reach(p))

    def maps(self, size: tuple[int, int], device: torch.device, variant: int) -> Maps:
        shrinks = max(0, round(math.log2(size[0] / _HEIGHT)))
        height, width = (-(-side // 2**shrinks) for side in size)
        rows, columns = torch.arange(height, device=device), torch.arange(width, device=device)
        noise = hash_unit(columns[None, :], rows[:, None], 0)[None, None] - 0.5
        places = (rows[:, None] + _BORDER) * (width + 2 * _BORDER) + columns + _BORDER
        return Maps(shrinks, variant, places.to(torch.int32), _sectors(device), noise)

    def numbers(self, p: OilFields, context: Context) -> Numbers:
        sigma = _WIDTH * _reach(p)
        return Numbers(p.oil, _reach(p), p.oil_bristles, kernel(sigma, halvings(sigma)))

    def look(self, frame: Tensor, n: Numbers, plan: Maps, memory: Memory) -> Tensor | Growing:
        """Three planes of paint, and one of its relief."""
        small = shrink(frame, plan.shrinks)
        tangent = tangents(luma(small), 2.5)
        painted = paint(small, tangent, n, plan)
        hairs = along(plan.noise, tangent, _STEPS, _STEP)
        relief = slope(hairs.mul_(_HAIRS).add_(luma(painted), alpha=_PAINT))
        return growing(torch.cat((painted, relief), dim=1), plan.shrinks, *frame.shape[-2:])

    def apply(self, frame: Tensor, n: Numbers, plan: Tensor, memory: Memory) -> Tensor:
        colors, relief = plan[:, :3], plan[:, 3:]
        lit = colors * (relief * n.bristles + 1.0)
        return frame.lerp_(lit, n.amount).clamp_(0.0, 1.0)


def _reach(p: OilFields) -> float:
    return _NEAR * (_FAR / _NEAR) ** p.oil_size


def _sectors(device: torch.device) -> Tensor:
    angles = [math.tau * sector / _SECTORS for sector in range(_SECTORS // 2)]
    forth = [(math.cos(angle) * _STRETCH, math.sin(angle) / _STRETCH) for angle in angles]
    return torch.tensor([(x, -y) for x, y in forth] + [(y, x) for x, y in forth], device=device)


def paint(small: Tensor, tangent: Tensor, n: Numbers, plan: Maps) -> Tensor:
    """The mean of the sectors around each pixel, weighted by how calm they are; 13HW, a little more colorful."""
    tone = luma(small)
    means = soften(torch.cat((small, tone * tone), dim=1), n.weights, plan.blurs)
    # Weighted before it is read, a sector's mean needs no more than to be added.
    weight = calmness(means)
    weighted = torch.cat((means[:, :3] * weight, weight), dim=1)
    # The four numbers of a pixel lie side by side, in 16 bits each, and are read as one number of 64.
    bordered = F.pad(weighted, (_BORDER, _BORDER, _BORDER, _BORDER), mode="replicate")[0].permute(1, 2, 0)
    pixels = bordered.to(torch.bfloat16, memory_format=torch.contiguous_format)
    total = pixels[_BORDER:-_BORDER, _BORDER:-_BORDER].to(torch.float32).flatten(1)
    beside = (plan.places, tangent[0] * n.reach, plan.sectors, Whole(pixels.view(torch.float64)))
    total = in_bands(gathered, total, beside).view(*small.shape[-2:], 4).permute(2, 0, 1).contiguous()[None]
    colors = total[:, :3] / total[:, 3:]
    return torch.lerp(luma(colors), colors, _VIVID).clamp_(0.0, 1.0)


def gathered(total: Tensor, beside: tuple[Tensor, Tensor, Tensor, Tensor]) -> Tensor:
    """Add to each pixel of a band, (rows, 4 W), what lies in the middles of its sectors: on an ellipse along the forms."""
    places, way, sectors, pixels = beside
    across, down = torch.mm(sectors, way.flatten(1)).round_().chunk(2)
    ways, start = down.mul_(float(pixels.shape[1])).add_(across).to(torch.int32), places.flatten()
    for sector in ways:
        # This one, and the one on the other side.
        for place in (start + sector, start - sector):
            total.add_(torch.index_select(pixels.flatten(), 0, place).view(torch.bfloat16).view(total.shape))
    return total


def calmness(mean: Tensor) -> Tensor:
    """The weight of a sector, 11HW in (0, 1], by the variance of its luma; its mean color and mean square of luma are given."""
    variance = (mean[:, 3:] - luma(mean[:, :3]).square()).clamp_(min=0.0)
    return (_CALM / (variance + _CALM)).square_().square_()


def slope(height: Tensor) -> Tensor:
    """How much a relief leans towards the lamp."""
    across, down = scharr(height)
    return -(across * _LAMP[0] + down * _LAMP[1])
