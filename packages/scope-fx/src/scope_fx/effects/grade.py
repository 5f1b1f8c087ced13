"""Colour grade: exposure and white balance in linear light, then lift, gamma, gain, contrast, hue and saturation."""

from dataclasses import dataclass

import torch
from torch import Tensor

from scope_gpu.image.color import (
    REC709_LUMA,
    hue_matrix,
    linear_to_srgb,
    matrix_product,
    mix_channels,
    saturation_matrix,
    srgb_to_linear,
)


@dataclass(frozen=True)
class Grade:
    """The controls of a grade; all of them do nothing at 0.

    `exposure`: stops; +1 doubles the light. `temperature`: -1 blue to 1 amber. `tint`: -1 green to 1 magenta.
    `lift`, `gamma`, `gain`: brightness of shadows, middle tones and highlights. `contrast`: the slope at middle grey
    is 2 ** contrast. `saturation`: -1 grey, 1 twice as colourful. `hue`: degrees, red towards green.
    """

    exposure: float = 0.0
    temperature: float = 0.0
    tint: float = 0.0
    lift: float = 0.0
    gamma: float = 0.0
    gain: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    hue: float = 0.0


def grade(frames: Tensor, to: Grade) -> Tensor:
    """Grade TCHW in [0, 1]; steps whose controls are 0 are skipped."""
    if to.exposure or to.temperature or to.tint:
        frames = _expose(frames, to)
    if to.lift or to.gamma or to.gain:
        frames = _lift_gamma_gain(frames, to)
    if to.contrast:
        frames = _contrast(frames.clamp(0.0, 1.0), 2.0**to.contrast)
    if to.hue or to.saturation:
        matrix = matrix_product(saturation_matrix(1.0 + to.saturation), hue_matrix(to.hue))
        frames = mix_channels(frames, matrix)
    return frames if to == Grade() else frames.clamp(0.0, 1.0)


def _expose(frames: Tensor, to: Grade) -> Tensor:
    light = srgb_to_linear(frames)
    scale = 2.0**to.exposure
    channels = [plane * (gain * scale) for plane, gain in zip(light.split(1, dim=-3), _white(to), strict=True)]
    return linear_to_srgb(torch.cat(channels, dim=-3))


def _white(to: Grade) -> tuple[float, float, float]:
    """Gains of red, green and blue that tint white without changing its luma."""
    warm, pink = 0.6 * to.temperature, 0.2 * to.tint
    red, green, blue = 2.0 ** (warm + pink), 2.0 ** (-2.0 * pink), 2.0 ** (pink - warm)
    brightness = REC709_LUMA[0] * red + REC709_LUMA[1] * green + REC709_LUMA[2] * blue
    return red / brightness, green / brightness, blue / brightness


def _lift_gamma_gain(frames: Tensor, to: Grade) -> Tensor:
    """out = ((1 + gain) (x + lift (1 - x))) ** (2 ** -gamma): lift moves black, gain white, gamma what lies between."""
    raised = frames * (1.0 - to.lift) + to.lift
    return (raised.clamp_(0.0, 1.0) * (1.0 + to.gain)) ** (2.0**-to.gamma)


def _contrast(frames: Tensor, slope: float) -> Tensor:
    """Above 1 an S-curve x^k / (x^k + (1 - x)^k) that keeps black, middle grey and white; below 1 a straight fade."""
    if slope <= 1.0:
        return 0.5 + (frames - 0.5) * slope
    bright, dark = frames**slope, (1.0 - frames) ** slope
    return bright / (bright + dark)
