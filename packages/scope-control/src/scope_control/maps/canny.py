"""Canny edges."""

from torch import Tensor

from scope_control.levels import Levels
from scope_control.lines import hysteresis, thicken, thin
from scope_control.maps.base import ControlMap, SharedFields, levels_of, pixels
from scope_gpu.image.blur import gaussian_blur
from scope_gpu.image.gradients import magnitude, sobel, strongest_channel


class Canny(ControlMap):
    """Thin lines, each pixel black or white."""

    name = "canny"
    is_ink = True

    def draw(self, frames: Tensor, before: Tensor, p: SharedFields) -> Tensor:
        width = round(pixels(p.control_line_width, frames))
        return canny(frames, blur=p.control_denoise, levels=levels_of(p, 0.04, 2.5, 0.02), width=width)


def canny(frames: Tensor, *, blur: float, levels: Levels, width: int) -> Tensor:
    """White lines on black, each pixel 0 or 1: TCHW [0, 1] to T1HW.

    Gaussian, Sobel, non-maximum suppression, double threshold with hysteresis (Canny, "A computational approach to edge
    detection", 1986); of a colour picture each pixel's steepest channel counts.

    Args:
        blur: sigma of the Gaussian in pixels.
        levels: thresholds of the gradient; 1 is the step from black to white, seen through Sobel's kernel.
        width: of the lines, in pixels.
    """
    dx, dy = strongest_channel(*sobel(gaussian_blur(frames, blur)))
    # Sobel sees a step of 1 as a slope of one half.
    strength = 2.0 * magnitude(dx, dy)
    low, high = levels(strength)
    ridges = thin(dx, dy, strength, low)
    edges = hysteresis(ridges & (strength >= high), ridges)
    return thicken(edges.to(frames.dtype), width)
