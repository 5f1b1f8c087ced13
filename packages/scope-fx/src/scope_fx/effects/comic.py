"""Comic: flat colors, ink along the contours, and dots in the shade."""

import math
from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.evening import evened
from scope_fx.effects.flow import along, coherence, tangents
from scope_fx.effects.posterize import to_steps
from scope_fx.effects.scales import halved, halvings_to, regrown
from scope_gpu.image.blur import Growing, gaussian_blur
from scope_gpu.image.color import luma
from scope_gpu.image.gradients import scharr
from scope_gpu.image.smooth import kuwahara
from scope_gpu.image.warp import coordinates, rotate
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Contours and areas are looked for in a picture about so many lines high.
_HEIGHT = 360
# The line's width as a sigma in pixels of that picture, how many times as wide its surroundings are, and how lines are
# followed: so many steps to each side, of so many pixels.
_FINE, _WIDE, _STEPS, _STEP = 0.9, 1.6, 2, 1.6
# By how much a contour is darker than what is around it from which it is drawn, with no ink and with most; and the change
# over which it becomes solid.
_FAINT, _STRONG, _SOFT = 0.06, 0.012, 0.02
# How far tones are rounded off, in pixels, and the contrast within an area that makes no tone of its own.
_ROUND, _EVEN = 1.0, 0.04
# How far slopes agree, from noise to a line, and over how many pixels.
_NOISE, _LINE, _REACH = 0.35, 0.65, 3.0
# Darker than this all is ink.
_BLACK = 0.11
_VIVID = 1.3
# Dots to the height, how bright a shade may be to have them, and how dark they are.
_DOTS, _SHADE, _DOT = 90.0, 0.55, 0.45


class ComicFields(BaseModel):
    group: ClassVar[str] = "Print"

    comic: float = unit_slider("Comic", "Draw the picture in flat colors and ink")
    comic_ink: float = unit_slider("Comic ink", "From the strongest contours to every one", 0.55)
    comic_levels: int = slider("Comic levels", "Number of tones", 5, 2, 8)
    comic_dots: float = unit_slider("Comic dots", "Print dots in the shade", 0.4)


class Numbers(NamedTuple):
    """`contrast`: from which a contour is drawn."""

    amount: float
    contrast: float
    black: float
    steps: float
    dots: float


class Maps(NamedTuple):
    """`spots`: a raster, (H, W), for each pixel the shade from which a dot covers it: 0.2 in the middle of one, 1 between."""

    halvings: int
    spots: Tensor


class Comic(Effect):
    """Areas are smoothed up to their edges (Kuwahara) and fall into a few tones. Lines are a difference of Gaussians that is
    followed along the contours (Kang, Lee & Chui, "Coherent line drawing", 2007), and are cut at full size, so that they
    are sharp. About 35 clones of a frame, a third of them for following lines.
    """

    fields = ComicFields
    pointwise = True
    looks = True
    keeps_state = False

    def maps(self, size: tuple[int, int], device: torch.device, variant: None) -> Maps:
        x, y = rotate(*coordinates(*size, device), 0.125)
        raster = (torch.cos(x * (math.pi * _DOTS)) + torch.cos(y * (math.pi * _DOTS))) * 0.2 + 0.6
        return Maps(halvings_to(size[0], _HEIGHT), raster)

    def numbers(self, p: ComicFields, context: Context) -> Numbers:
        contrast = _FAINT * (_STRONG / _FAINT) ** p.comic_ink
        return Numbers(p.comic, contrast, _BLACK * p.comic_ink, p.comic_levels - 1.0, p.comic_dots)

    def look(self, frame: Tensor, n: Numbers, plan: Maps, memory: Memory) -> tuple[Tensor | Growing, ...]:
        """Smooth areas, their brightness, lines, and the raster of the dots."""
        small = halved(frame, plan.halvings)
        tone = luma(small).clamp_(0.0, 1.0)
        flat = kuwahara(small, 2, tone)
        calm = evened(gaussian_blur(luma(flat), _ROUND), _EVEN)
        big = [regrown(planes, plan.halvings, *frame.shape[-2:]) for planes in (flat, calm, contours(tone))]
        return *big, plan.spots

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor, ...], memory: Memory) -> Tensor:
        flat, calm, lines, spots = plan
        tones = to_steps(calm.clamp(0.0, 1.0), n.steps)
        shade = ((_SHADE - tones) * (0.9 / _SHADE)).clamp_(min=0.0) * n.dots
        tones = tones * (1.0 - _DOT * ((shade - spots) * 6.0 + 0.5).clamp_(0.0, 1.0))
        inked = torch.maximum((-lines - n.contrast) / _SOFT + 0.5, (n.black - calm) / _SOFT).clamp_(0.0, 1.0)
        return frame.lerp_(colored(flat, tones) * (1.0 - inked), n.amount)


def contours(tone: Tensor) -> Tensor:
    """How much brighter each pixel of 11HW is than what is around it, in shares of that, smoothed along the contours."""
    fine, wide = gaussian_blur(tone, _FINE), gaussian_blur(tone, _FINE * _WIDE)
    # The floor keeps the noise of the dark from being drawn.
    lines = along((fine - wide) / (wide + 0.15), tangents(tone, 2.0), _STEPS, _STEP)
    return lines * ((coherence(*scharr(fine), _REACH) - _NOISE) / (_LINE - _NOISE)).clamp_(0.0, 1.0)


def colored(flat: Tensor, tones: Tensor) -> Tensor:
    """Colors at another brightness, and more colorful."""
    gray = luma(flat)
    vivid = gray + (flat - gray) * _VIVID
    return (vivid * (tones / gray.clamp(min=0.02))).clamp_(0.0, 1.0)
