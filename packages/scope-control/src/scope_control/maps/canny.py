"""Canny edges."""

import torch
from torch import Tensor

from scope_control.levels import Levels, sample
from scope_control.lines.brush import thicken
from scope_control.lines.gradient import STEP, steepest
from scope_control.lines.hysteresis import connected
from scope_control.lines.thin import thinned
from scope_control.maps.base import ControlMap, SharedFields, Shot, Source, denoise, edge_weights, levels_of, pixels


class Canny(ControlMap):
    """Thin lines, each pixel black or white."""

    name = "canny"
    is_ink = True

    def source(self, p: SharedFields, height: int) -> Source:
        return Source(weights=edge_weights(p))

    def draw(self, shot: Shot, p: SharedFields) -> Tensor:
        width, blur = round(pixels(p.control_line_width, shot.frames)), denoise(p, shot)
        return canny(shot.frames, blur=blur, levels=levels_of(p, 0.05, 2.5, 0.02), width=width)


def canny(frames: Tensor, *, blur: float, levels: Levels, width: int) -> Tensor:
    """White lines on black, each pixel 0 or 1: TCHW [0, 1], of any number of channels, to T1HW.

    Gaussian, Sobel, non-maximum suppression, double threshold with hysteresis (Canny, "A computational approach to edge
    detection", 1986); in each pixel the steepest channel counts. Without the Gaussian it is `cv2.Canny` pixel for pixel,
    which ControlNet's own annotator calls.

    Args:
        blur: sigma of the Gaussian in pixels.
        levels: thresholds of the gradient; 1 is the step from black to white, seen through Sobel's kernel.
        width: of the lines, in pixels.
    """
    gradient = steepest(frames, blur)
    low, high = (_whole(level, frames) for level in levels(sample(gradient.strength) / STEP))
    return thicken(connected(thinned(gradient), low, high).to(frames.dtype), width)


def _whole(level: Tensor | float, frames: Tensor) -> Tensor:
    """A threshold in the unit of `Gradient`, T111 int16."""
    if isinstance(level, Tensor):
        return level.mul(STEP).round().to(torch.int16)
    return torch.full((len(frames), 1, 1, 1), round(level * STEP), dtype=torch.int16, device=frames.device)
