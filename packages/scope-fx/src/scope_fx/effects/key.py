"""Key: what is dark, bright or of one color is cut out, and something else is seen behind it."""

import colorsys
import math
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.bands import in_bands
from scope_gpu.image.color import REC709_LUMA, luma
from scope_gpu.image.warp import coordinates, grid, read
from scope_gpu.plugin.clock import FRAME_INTERVAL
from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# A thirtieth of a second later an echo is so much larger, and has so much of its light.
_GROWTH, _KEPT = 1.02, 0.97
# A pixel is of the key's color if it has more of it than of the colors beside it, times this.
_NARROW = 1.6
_SOFTEST = 0.4


class KeyFields(BaseModel):
    group: ClassVar[str] = "Color"

    key: float = unit_slider("Key", "Cut out what is dark, bright or of one color")
    key_by: Literal["dark", "bright", "color"] = choice("Key by", "What is cut out", "dark")
    key_hue: float = unit_slider(
        "Key hue", "The color that is cut out: 0 is red, a third green, two thirds blue", 1 / 3
    )
    key_level: float = unit_slider("Key level", "How much is cut out", 0.35)
    key_softness: float = unit_slider("Key softness", "How gradually", 0.3)
    key_behind: Literal["color", "echo", "black", "white"] = choice(
        "Key behind", "What is seen instead; an echo is the picture of a moment ago, growing and fading", "echo"
    )
    key_behind_hue: float = unit_slider("Key behind hue", "The color behind: 0 is red, a third green", 0.85)


class Variant(NamedTuple):
    by: str
    behind: str


class Numbers(NamedTuple):
    """`level` and `slope` of the cut; the key's color as a direction of blue and red less luma; what lies behind."""

    amount: float
    level: float
    slope: float
    toward_blue: float
    toward_red: float
    behind: tuple[float, ...]
    scale: float
    kept: float


class Maps(NamedTuple):
    x: Tensor
    y: Tensor
    variant: Variant


class Key(Effect):
    """By luma, or by color as chroma keyers do it: what a pixel has of the key's hue, less what it has beside it (Vlahos,
    "Electronic composite photography", 1971). The key's color is taken out of what stays as well, so that no edge is green.
    """

    fields = KeyFields

    def variant(self, p: KeyFields, context: Context) -> Variant:
        return Variant(p.key_by, p.key_behind)

    def maps(self, size: tuple[int, int], device: torch.device, variant: Variant) -> Maps:
        return Maps(*coordinates(*size, device), variant)

    def numbers(self, p: KeyFields, context: Context) -> Numbers:
        softness = 0.01 + _SOFTEST * p.key_softness
        level = p.key_level if p.key_by == "dark" else 1.0 - p.key_level
        level = 0.3 * level if p.key_by == "color" else level
        red, green, blue = colorsys.hsv_to_rgb(p.key_hue, 1.0, 1.0)
        tone = sum(share * value for share, value in zip(REC709_LUMA, (red, green, blue), strict=True))
        length = math.hypot(blue - tone, red - tone)
        frames = context.elapsed / FRAME_INTERVAL
        return Numbers(
            p.key,
            level,
            1.0 / softness,
            (blue - tone) / length,
            (red - tone) / length,
            _behind(p),
            _GROWTH**-frames,
            _KEPT**frames,
        )

    def plan(self, n: Numbers, maps: Maps) -> tuple[Variant, Tensor | None]:
        size = (maps.y.shape[-2], maps.x.shape[-1])
        echoes = maps.variant.behind == "echo"
        return maps.variant, grid(maps.x * n.scale, maps.y * n.scale, *size) if echoes else None

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Variant, Tensor | None], memory: Memory) -> Tensor:
        variant, where = plan
        behind = None if where is None else read(memory.get("echo", frame), where)
        frame = in_bands(lambda band, behind: composite(band, behind, n, variant), frame, behind)
        if where is not None:
            memory["echo"] = frame.clone()
        return frame


def composite(frame: Tensor, behind: Tensor | None, n: Numbers, variant: Variant) -> Tensor:
    """The frame with something else where it is cut out: another picture, or a color without one."""
    cut, frame = by_color(frame, n) if variant.by == "color" else (by_luma(frame, n, variant.by), frame)
    cut = cut * n.amount
    if behind is not None:
        return torch.lerp(frame, behind * n.kept, cut)
    stay = 1.0 - cut
    return torch.cat([frame[:, c : c + 1] * stay + cut * value for c, value in enumerate(n.behind)], dim=1)


def _behind(p: KeyFields) -> tuple[float, ...]:
    if p.key_behind == "color":
        return colorsys.hsv_to_rgb(p.key_behind_hue, 0.85, 0.95)
    return (1.0,) * 3 if p.key_behind == "white" else (0.0,) * 3


def by_luma(frame: Tensor, n: Numbers, which: str) -> Tensor:
    """How much of each pixel is cut out, 11HW in [0, 1]: what is darker than the level, or brighter."""
    below = (n.level - luma(frame)) if which == "dark" else (luma(frame) - n.level)
    return eased((below * n.slope + 0.5).clamp_(0.0, 1.0))


def by_color(frame: Tensor, n: Numbers) -> tuple[Tensor, Tensor]:
    """How much of each pixel is cut out, 11HW in [0, 1], and the frame without the key's color."""
    tone = luma(frame)
    red, blue = frame[:, :1] - tone, frame[:, 2:] - tone
    along = blue * n.toward_blue + red * n.toward_red
    beside = (blue * n.toward_red - red * n.toward_blue).abs_()
    excess = (along - beside * _NARROW).clamp_(min=0.0)
    cut = eased(((excess - n.level) * n.slope + 0.5).clamp_(0.0, 1.0))
    return cut, without(frame, excess * n.amount, n)


def without(frame: Tensor, excess: Tensor, n: Numbers) -> Tensor:
    """A frame less an excess of the key's color, at the same luma."""
    r, g, b = REC709_LUMA
    red, blue = excess * -n.toward_red, excess * -n.toward_blue
    green = (red * r + blue * b) * (-1.0 / g)
    return (frame + torch.cat((red, green, blue), dim=1)).clamp_(0.0, 1.0)


def eased(share: Tensor) -> Tensor:
    """A smooth start and end: 3x^2 - 2x^3."""
    return share * share * (3.0 - 2.0 * share)
