"""Color grade: exposure and white balance in linear light, then lift, gamma, gain, contrast, hue and saturation."""

from typing import Annotated, ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.color import (
    REC709_LUMA,
    Matrix,
    byte_curve,
    curve,
    hue_matrix,
    linear_to_srgb,
    luma,
    matrix_product,
    mix_channels,
    pairs,
    saturation_matrix,
    srgb_to_linear,
)
from scope_gpu.plugin.controls import slider
from scope_gpu.plugin.effect import Context, Effect, Memory
from scope_gpu.plugin.renamed import Renamed, old_name, renamed_fields


class GradeFields(BaseModel):
    group: ClassVar[str] = "Color"

    grade_exposure: float = slider("Exposure", "In stops: +1 doubles the light", 0.0, -3.0, 3.0)
    grade_contrast: float = slider("Contrast", "Slope at middle gray, in doublings", 0.0, -1.0, 1.0)
    grade_saturation: float = slider("Saturation", "-1 is grayscale, 1 twice as colorful", 0.0, -1.0, 1.0)
    grade_temperature: float = slider("Temperature", "From cold blue to warm amber", 0.0, -1.0, 1.0)
    grade_tint: float = slider("Tint", "From green to magenta", 0.0, -1.0, 1.0)
    grade_hue_turn: float = slider("Hue", "Turn all colors, in turns, red towards green", 0.0, -0.5, 0.5)
    grade_lift: float = slider("Lift", "Brightness of the shadows", 0.0, -0.5, 0.5)
    grade_gamma: float = slider("Gamma", "Brightness of the middle tones, in doublings", 0.0, -1.0, 1.0)
    grade_gain: float = slider("Gain", "Brightness of the highlights, from half to double", 0.0, -1.0, 1.0)
    # In degrees.
    grade_hue: Annotated[float, Renamed("grade_hue_turn", lambda degrees: degrees / 360.0)] = old_name(
        "grade_hue_turn", 0.0, -180.0, 180.0
    )


_CONTROLS = tuple(GradeFields.model_fields.keys() - renamed_fields(GradeFields).keys())
# Entries of the table of curves, unless it is one of bytes: so many that even a root at black, the steepest curve, is
# exact to a quarter of a thousandth for the values of an 8-bit picture. Odd, so that middle grey is one of them.
_ENTRIES = 16385


class Steps(NamedTuple):
    """Which steps do anything; `contrast` is "", "more" or "less". `mix`: "saturation" or "hue" where colors are
    mixed, else "". `bytes`: whether the frame is one of bytes.
    """

    expose: bool
    lift_gamma_gain: bool
    contrast: str
    mix: str
    bytes: bool


class Numbers(NamedTuple):
    """`light`: factors of linear red, green and blue. `power`: the exponent of gamma. `gray`: the share of luma in a color
    whose hue stays.
    """

    light: tuple[float, ...]
    lift: float
    gain: float
    power: float
    slope: float
    gray: float
    matrix: Matrix


class Grade(Effect):
    """All controls do nothing at 0; steps whose controls are 0 are skipped."""

    fields = GradeFields
    pulses = False
    pointwise = True
    keeps_state = False
    takes_bytes = True

    def is_on(self, p: GradeFields) -> bool:
        return any(getattr(p, name) for name in _CONTROLS)

    def variant(self, p: GradeFields, context: Context) -> Steps:
        return Steps(
            bool(p.grade_exposure or p.grade_temperature or p.grade_tint),
            bool(p.grade_lift or p.grade_gamma or p.grade_gain),
            "more" if p.grade_contrast > 0.0 else "less" if p.grade_contrast < 0.0 else "",
            "hue" if p.grade_hue_turn else "saturation" if p.grade_saturation else "",
            context.bytes,
        )

    def maps(self, size: tuple[int, int], device: torch.device, variant: Steps) -> tuple[Steps, Tensor]:
        entries = 256 if variant.bytes else _ENTRIES
        return variant, torch.linspace(0.0, 1.0, entries, device=device).expand(1, 3, 1, -1)

    def numbers(self, p: GradeFields, context: Context) -> Numbers:
        return Numbers(
            white(p.grade_exposure, p.grade_temperature, p.grade_tint),
            p.grade_lift,
            # Of equal slope on both sides, and never 0.
            1.0 + p.grade_gain if p.grade_gain > 0.0 else 1.0 / (1.0 - p.grade_gain),
            2.0**-p.grade_gamma,
            2.0**p.grade_contrast,
            -p.grade_saturation,
            matrix_product(saturation_matrix(1.0 + p.grade_saturation), hue_matrix(360.0 * p.grade_hue_turn)),
        )

    def plan(self, n: Numbers, maps: tuple[Steps, Tensor]) -> tuple[Steps, Tensor | None]:
        steps, ramp = maps
        if steps.bytes:
            return steps, pairs(curves(ramp, n, steps)[0, :, 0])
        curved = steps.expose or steps.lift_gamma_gain or steps.contrast
        return steps, curves(ramp, n, steps)[0, :, 0] if curved else None

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Steps, Tensor | None], memory: Memory) -> Tensor:
        steps, table = plan
        return mixed(frame if table is None else curve(frame, table), n, steps)

    def apply_bytes(self, host: Tensor, into: Tensor, n: Numbers, plan: tuple[Steps, Tensor]) -> Tensor:
        steps, table = plan
        return mixed(byte_curve(host, table, into), n, steps)


def mixed(frame: Tensor, n: Numbers, steps: Steps) -> Tensor:
    """What the grade does to colors after its curves."""
    if not steps.mix:
        return frame
    colors = mix_channels(frame, n.matrix) if steps.mix == "hue" else frame.lerp_(luma(frame), n.gray)
    return colors.clamp_(0.0, 1.0)


def curves(frame: Tensor, n: Numbers, steps: Steps) -> Tensor:
    """What the grade does to each channel by itself, TCHW [0, 1]; clamped unless colors are mixed afterwards."""
    if steps.expose:
        light = zip(srgb_to_linear(frame).split(1, dim=-3), n.light, strict=True)
        frame = linear_to_srgb(torch.cat([plane * factor for plane, factor in light], dim=-3))
    if steps.lift_gamma_gain:
        frame = lift_gamma_gain(frame, n.lift, n.power, n.gain)
    if steps.contrast:
        frame = contrast(frame.clamp(0.0, 1.0), n.slope, steps.contrast)
    return frame if steps.mix else frame.clamp(0.0, 1.0)


def white(exposure: float, temperature: float, tint: float) -> tuple[float, ...]:
    """Factors of red, green and blue: white is tinted without a change of its luma, then exposed in stops."""
    warm, pink = 0.6 * temperature, 0.2 * tint
    gains = (2.0 ** (warm + pink), 2.0 ** (-2.0 * pink), 2.0 ** (pink - warm))
    brightness = sum(weight * gain for weight, gain in zip(REC709_LUMA, gains, strict=True))
    return tuple(gain / brightness * 2.0**exposure for gain in gains)


def lift_gamma_gain(frame: Tensor, lift: float, power: float, gain: float) -> Tensor:
    """out = (gain (x + lift (1 - x))) ** power: lift moves black, gain white, the power what lies between."""
    raised = frame * (1.0 - lift) + lift
    return (raised.clamp_(0.0, 1.0) * gain) ** power


def contrast(frame: Tensor, slope: float, kind: str) -> Tensor:
    """ "more": an S-curve x^k / (x^k + (1 - x)^k) that keeps black, middle grey and white; "less": a straight fade."""
    if kind == "less":
        return 0.5 + (frame - 0.5) * slope
    bright, dark = frame**slope, (1.0 - frame) ** slope
    return bright / (bright + dark)
