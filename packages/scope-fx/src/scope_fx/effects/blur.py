"""Blur: out of focus, in motion, or as a lens that is sharp only in a band."""

import math
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.gaussian import halvings, kernel, soften
from scope_fx.effects.smear import Move, moved, shares, shift, smear, turn_and_zoom
from scope_gpu.image.bands import in_bands
from scope_gpu.image.blur import growing, shrink
from scope_gpu.image.warp import coordinates
from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# At amount 1: a Gaussian's sigma and a motion's length as shares of the height, a zoom in doublings, a spin in turns.
_SIGMA, _LENGTH, _ZOOM, _SPIN = 0.06, 0.3, 0.35, 0.05
# Blurs are made at half size; below this many pixels they fade in instead.
_SHARP = 2.0
# From the sharp band of a tilt to the full blur, and half of the band itself, in units of half the height.
_RAMP, _BAND = 0.7, 0.12


class BlurFields(BaseModel):
    group: ClassVar[str] = "Lens"

    blur: float = unit_slider("Blur", "Take the picture out of focus")
    blur_kind: Literal["even", "tilt", "motion", "zoom", "spin"] = choice(
        "Blur kind", "Everywhere, beside a sharp band, in motion, or by a zoom or spin of the camera", "even"
    )
    blur_turn: float = unit_slider("Blur turn", "Direction of a motion, and of a tilt's band, in turns")
    blur_place: float = unit_slider(
        "Blur place", "Where a tilt is sharp, from top to bottom of an upright picture", 0.5
    )


class Variant(NamedTuple):
    kind: str
    halvings: int


class Numbers(NamedTuple):
    """`mix`: how much of the blur is seen. `weights` and `weaker`: kernels of the full blur, and of one half as wide.

    `moves`: of a smear. `cos`, `sin`, `place`: where the band of a tilt lies.
    """

    mix: float
    weights: tuple[float, ...]
    weaker: tuple[float, ...]
    moves: tuple[Move, ...]
    cos: float
    sin: float
    place: float


class Maps(NamedTuple):
    """Coordinates at full size, for a tilt, or at half size, for a smear."""

    x: Tensor
    y: Tensor
    variant: Variant


class Blur(Effect):
    """A Gaussian whose sigma grows with the square of the amount, or a smear of 32 copies along a movement.

    A tilt goes from sharp over half the blur to all of it, away from its band. A small blur fades in.
    """

    fields = BlurFields
    keeps_state = False

    def variant(self, p: BlurFields, context: Context) -> Variant:
        return Variant(p.blur_kind, halvings(_sigma(p, context)))

    def maps(self, size: tuple[int, int], device: torch.device, variant: Variant) -> Maps:
        height, width = size
        half = (-(-height // 2), -(-width // 2))
        return Maps(*coordinates(*(size if variant.kind == "tilt" else half), device), variant)

    def numbers(self, p: BlurFields, context: Context) -> Numbers:
        sigma, angle = _sigma(p, context), math.tau * p.blur_turn
        times = halvings(sigma)
        pixels = p.blur**2 * context.height * (_SIGMA if p.blur_kind in ("even", "tilt") else _LENGTH)
        kernels = kernel(sigma, times), kernel(0.5 * sigma, max(0, times - 1))
        place = 2.0 * p.blur_place - 1.0
        return Numbers(min(1.0, pixels / _SHARP), *kernels, _moves(p), math.cos(angle), math.sin(angle), place)

    def plan(self, n: Numbers, maps: Maps) -> tuple[Variant, Tensor | list[Tensor] | None]:
        if maps.variant.kind == "even":
            return maps.variant, None
        if maps.variant.kind == "tilt":
            away = (maps.y * n.cos - maps.x * n.sin - n.place).abs()
            return maps.variant, ((away - _BAND) / _RAMP).clamp_(0.0, 1.0)
        return maps.variant, [moved(maps.x, maps.y, move) for move in n.moves]

    def apply(
        self, frame: Tensor, n: Numbers, plan: tuple[Variant, Tensor | list[Tensor] | None], memory: Memory
    ) -> Tensor:
        variant, beside = plan
        # Light is close to the square of a display value: a lamp out of focus stays a bright disc.
        light = shrink(frame).square_()
        spread = smear(light, beside) if isinstance(beside, list) else soften(light, n.weights, variant.halvings)
        blurred = growing(spread.sqrt_(), 1, *frame.shape[-2:])
        if not isinstance(beside, Tensor):
            return in_bands(lambda band, blurred: torch.lerp(band, blurred, n.mix), frame, blurred)
        weaker = growing(soften(light, n.weaker, max(0, variant.halvings - 1)).sqrt_(), 1, *frame.shape[-2:])
        return in_bands(tilted, frame, (weaker, blurred, beside * n.mix))


def _sigma(p: BlurFields, context: Context) -> float:
    """In pixels of the halved picture, whose making blurs it by half of one already."""
    return math.sqrt(max((p.blur**2 * _SIGMA * context.height) ** 2 * 0.25 - 0.25, 0.0))


def _moves(p: BlurFields) -> tuple[Move, ...]:
    """A smear to both sides of the picture as it is."""
    length, angle = p.blur**2, math.tau * p.blur_turn
    if p.blur_kind == "zoom":
        return tuple(turn_and_zoom(0.0, length * _ZOOM * share) for share in shares(-0.5, 0.5))
    if p.blur_kind == "spin":
        return tuple(turn_and_zoom(length * _SPIN * share, 0.0) for share in shares(-0.5, 0.5))
    right, down = (2.0 * _LENGTH * length * part for part in (math.cos(angle), math.sin(angle)))
    return tuple(shift(right * share, down * share) for share in shares(-0.5, 0.5))


def tilted(frame: Tensor, beside: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """From a sharp frame over a weak blur to a strong one, as the third tensor goes from 0 to 1."""
    weaker, blurred, share = beside
    near = torch.lerp(frame, weaker, (2.0 * share).clamp(max=1.0))
    return torch.lerp(near, blurred, (2.0 * share - 1.0).clamp(min=0.0))
