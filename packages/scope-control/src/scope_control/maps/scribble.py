"""Scribbles."""

from torch import Tensor

from scope_control.levels import Levels, smoothstep
from scope_control.maps.base import ControlMap, SharedFields, is_for_vace, levels_of, pixels
from scope_control.maps.canny import canny
from scope_control.pyramid import doubled, halve
from scope_gpu.image.blur import gaussian_blur


class Scribble(ControlMap):
    """Few, thick, rounded lines."""

    name = "scribble"
    is_ink = True

    def draw(self, frames: Tensor, before: Tensor, p: SharedFields) -> Tensor:
        levels = levels_of(p, 0.035, 1.6, 0.04)
        # VACE's are drawn with a pen, ControlNet's with a broad brush.
        brush = pixels(p.control_line_width + (0.5 if is_for_vace(p) else 2), frames)
        return scribble(frames, blur=1.0 + p.control_denoise, levels=levels, width=max(2, round(brush)))


def scribble(frames: Tensor, *, blur: float, levels: Levels, width: int) -> Tensor:
    """Few, thick, rounded lines in white on black, as if drawn by hand: TCHW [0, 1] to T1HW.

    Canny at half size, which leaves only what is seen from afar, drawn with a broad brush and smoothed.

    Args:
        blur: sigma in pixels of the half picture; more leaves fewer lines.
        levels: thresholds as in `canny`.
        width: of the brush in pixels of the half picture.
    """
    lines = canny(halve(frames), blur=blur, levels=levels, width=width)
    smooth = gaussian_blur(doubled(lines, like=frames), 0.5 + 0.5 * width)
    return smoothstep(smooth, 0.3, 0.6)
