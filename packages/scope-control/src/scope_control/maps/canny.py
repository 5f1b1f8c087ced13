"""Canny edges."""

from torch import Tensor

from scope_control.levels import Levels
from scope_control.lines import trace
from scope_control.lines.brush import thicken
from scope_control.maps.base import ControlMap, SharedFields, Shot, Source, denoise, edge_weights, levels_of, pixels
from scope_gpu.image.blur import gaussian_blur
from scope_gpu.image.gradients import slopes, sobel, steepness


class Canny(ControlMap):
    """Thin lines, each pixel black or white."""

    name = "canny"
    is_ink = True

    def source(self, p: SharedFields, height: int) -> Source:
        return Source(weights=edge_weights(p))

    def draw(self, shot: Shot, p: SharedFields) -> Tensor:
        width, blur = round(pixels(p.control_line_width, shot.frames)), denoise(p, shot)
        return canny(shot.frames, blur=blur, levels=levels_of(p, 0.04, 2.5, 0.02), width=width)


def canny(frames: Tensor, *, blur: float, levels: Levels, width: int) -> Tensor:
    """White lines on black, each pixel 0 or 1: TCHW [0, 1], of any number of channels, to T1HW.

    Gaussian, Sobel, non-maximum suppression, double threshold with hysteresis (Canny, "A computational approach to edge
    detection", 1986); in each pixel the steepest channel counts.

    Args:
        blur: sigma of the Gaussian in pixels.
        levels: thresholds of the gradient; 1 is the step from black to white, seen through Sobel's kernel.
        width: of the lines, in pixels.
    """
    channels = slopes(frames, lambda plane: sobel(gaussian_blur(plane, blur)))
    # Sobel sees a step of 1 as a slope of one half.
    strength = steepness(channels).mul_(2.0)
    return thicken(trace(channels, strength, *levels(strength)).to(frames.dtype), width)
