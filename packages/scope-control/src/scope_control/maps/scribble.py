"""Scribbles."""

import math

from torch import Tensor

from scope_control.levels import Levels, smoothstep
from scope_control.maps.base import (
    ControlMap,
    SharedFields,
    Shot,
    Source,
    coarse,
    denoise,
    edge_weights,
    is_for_vace,
    levels_of,
    pixels,
)
from scope_control.maps.canny import canny
from scope_gpu.image.blur import gaussian_blur

FINEST = 240
"""Rows in which lines are looked for at the least."""
SIMPLER = 5.0
"""Sigma of the Gaussian that leaves what is seen from afar, in 512ths of the picture's height."""


class Scribble(ControlMap):
    """Few, thick, rounded lines: Canny of a blurred picture, which leaves only what is seen from afar."""

    name = "scribble"
    is_ink = True

    def source(self, p: SharedFields, height: int) -> Source:
        return Source(coarse(height, FINEST), edge_weights(p))

    def draw(self, shot: Shot, p: SharedFields) -> Tensor:
        # VACE's are drawn with a pen, ControlNet's with a broad brush.
        brush = 2 * pixels(p.control_line_width + (0.5 if is_for_vace(p) else 2), shot.frames)
        blur = math.hypot(pixels(SIMPLER, shot.frames), denoise(p, shot))
        return scribble(shot.frames, blur=blur, levels=levels_of(p, 0.05, 2.0, 0.03), width=max(2, round(brush)))


def scribble(frames: Tensor, *, blur: float, levels: Levels, width: int) -> Tensor:
    """Few, thick, rounded lines in white on black, as if drawn by hand: TCHW [0, 1] to T1HW.

    Canny, drawn with a broad brush and smoothed.

    Args:
        blur: sigma in pixels; more leaves fewer lines.
        levels: thresholds as in `canny`.
        width: of the brush in pixels.
    """
    lines = canny(frames, blur=blur, levels=levels, width=width)
    return smoothstep(gaussian_blur(lines, 0.25 + 0.25 * width), 0.3, 0.6)
