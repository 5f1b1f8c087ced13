"""Soft edges."""

from torch import Tensor

from scope_control.levels import Levels, smoothstep
from scope_control.maps.base import ControlMap, SharedFields, Shot, Source, coarse, denoise, edge_weights, levels_of
from scope_gpu.image.blur import gaussian_blur, grow, shrink
from scope_gpu.image.gradients import scharr, slopes, steepness

OCTAVES, FEWER, SMALL = 3, 2, 256
"""How many scales a contour must be steep at, and how many in a picture of fewer rows, whose lines would be too broad."""


class SoftEdge(ControlMap):
    """Glowing contours, texture held back."""

    name = "soft_edge"
    is_ink = True

    def source(self, p: SharedFields, height: int) -> Source:
        return Source(coarse(height), edge_weights(p))

    def draw(self, shot: Shot, p: SharedFields) -> Tensor:
        return soft_edge(shot.frames, blur=denoise(p, shot), levels=levels_of(p, 0.04, 3.0, 0.015, most=0.06))


def soft_edge(frames: Tensor, *, blur: float, levels: Levels) -> Tensor:
    """Glowing contours on black, TCHW [0, 1] to T1HW, in the look of HED or PiDiNet but without a network.

    The geometric mean of the gradient's magnitude at full, half and quarter size (but in small pictures): what is steep at
    every scale is a contour and stays, what is steep only when seen closely is texture and fades. The finest scale keeps
    it sharp.

    Args:
        blur: sigma in pixels of a Gaussian laid over the picture first.
        levels: of that mean, between which black turns into white; 1 is a step from black to white.
    """
    planes = gaussian_blur(frames, blur)
    octaves = OCTAVES if frames.shape[-2] >= SMALL else FEWER
    product = _slope(planes)
    for octave in range(1, octaves):
        planes = shrink(planes)
        product.mul_(grow(_slope(planes), octave, *frames.shape[-2:]))
    mean = product.pow_(1.0 / octaves)
    return smoothstep(mean, *levels(mean))


def _slope(planes: Tensor) -> Tensor:
    return steepness(slopes(planes, scharr)).mul_(2.0)
