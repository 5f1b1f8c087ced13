"""Looks of film and print, as color cubes: formulas over every color, worked out once."""

import functools
from collections.abc import Callable

import torch
from torch import Tensor

from scope_fx.effects.cube import neutral
from scope_gpu.image.oklab import oklab_to_srgb, srgb_to_oklab

_SIZE = 33


def curved(lab: Tensor, strength: float, middle: float = 0.5) -> Tensor:
    """An S-curve of lightness about `middle`, which keeps black and white; a negative strength is flatter."""
    light = lab[:, :1].clamp(0.0, 1.0)
    bent = torch.where(light < middle, light**2 / middle, 1.0 - (1.0 - light) ** 2 / (1.0 - middle))
    return torch.cat((torch.lerp(light, bent, strength), lab[:, 1:]), dim=1)


def faded(lab: Tensor, black: float, white: float) -> Tensor:
    """Lightness between `black` and `white`."""
    return torch.cat((black + lab[:, :1] * (white - black), lab[:, 1:]), dim=1)


def colored(lab: Tensor, saturation: float) -> Tensor:
    return torch.cat((lab[:, :1], lab[:, 1:] * saturation), dim=1)


def toned(lab: Tensor, shadows: tuple[float, float], lights: tuple[float, float]) -> Tensor:
    """Add a color to the shadows and one to the lights: a and b of OKLab, full in the middle of their halves."""
    light = lab[:, :1].clamp(0.0, 1.0)
    # Black and white stay nearly neutral, as on paper.
    dark, bright = light * (1.0 - light) ** 2 * 6.75, light**2 * (1.0 - light) * 6.75
    tints = [dark * s + bright * b for s, b in zip(shadows, lights, strict=True)]
    return torch.cat((lab[:, :1], lab[:, 1:2] + tints[0], lab[:, 2:] + tints[1]), dim=1)


def dense(lab: Tensor, share: float) -> Tensor:
    """Darker where it is colorful: dyes take light, lamps give it."""
    chroma = torch.hypot(lab[:, 1:2], lab[:, 2:])
    return torch.cat((lab[:, :1] * (1.0 - share * chroma), lab[:, 1:]), dim=1)


def gathered(lab: Tensor, angle: float, share: float) -> Tensor:
    """Draw hues towards an axis of OKLab, an angle in radians and its opposite."""
    axis = lab.new_tensor([angle]).cos(), lab.new_tensor([angle]).sin()
    along = lab[:, 1:2] * axis[0] + lab[:, 2:] * axis[1]
    drawn = torch.cat((along * axis[0], along * axis[1]), dim=1) * 1.25
    return torch.cat((lab[:, :1], torch.lerp(lab[:, 1:], drawn, share)), dim=1)


def _film(lab: Tensor) -> Tensor:
    return toned(curved(faded(dense(lab, 0.55), 0.03, 0.985), 0.45, 0.42), (-0.012, -0.012), (0.008, 0.028))


def _teal_and_orange(lab: Tensor) -> Tensor:
    return toned(curved(gathered(dense(lab, 0.3), 1.0, 0.62), 0.4), (-0.035, -0.045), (0.018, 0.04))


def _bleach(lab: Tensor) -> Tensor:
    return toned(colored(curved(lab, 0.85, 0.46), 0.42), (-0.004, -0.01), (0.0, 0.006))


def _cross(lab: Tensor) -> Tensor:
    return toned(colored(curved(lab, 0.6, 0.45), 1.25), (-0.01, -0.06), (-0.035, 0.07))


def _night(lab: Tensor) -> Tensor:
    dim = colored(curved(faded(lab, 0.0, 0.62), 0.3, 0.3), 0.4)
    return toned(dim, (-0.012, -0.05), (-0.02, -0.028))


def _noir(lab: Tensor) -> Tensor:
    # Through a red filter skin is light and skies are dark.
    filtered = lab[:, :1] + 0.55 * lab[:, 1:2] + 0.25 * lab[:, 2:]
    return colored(curved(torch.cat((filtered, lab[:, 1:]), dim=1), 0.9, 0.48), 0.0)


def _faded(lab: Tensor) -> Tensor:
    return toned(colored(faded(lab, 0.17, 0.95), 0.72), (0.012, -0.02), (0.012, 0.03))


def _neon(lab: Tensor) -> Tensor:
    return toned(curved(gathered(colored(lab, 1.3), -0.75, 0.4), 0.55, 0.45), (0.03, -0.11), (0.075, 0.0))


LOOKS: dict[str, Callable[[Tensor], Tensor]] = {
    "film": _film,
    "teal and orange": _teal_and_orange,
    "bleach bypass": _bleach,
    "cross process": _cross,
    "day for night": _night,
    "noir": _noir,
    "faded": _faded,
    "neon": _neon,
}


@functools.cache
def look(name: str) -> Tensor:
    """A look as a cube, (3, N, N, N) sRGB in [0, 1] on the CPU."""
    colors = neutral(_SIZE).reshape(1, 3, _SIZE * _SIZE, _SIZE)
    return oklab_to_srgb(LOOKS[name](srgb_to_oklab(colors))).clamp(0.0, 1.0).reshape(3, _SIZE, _SIZE, _SIZE)
