"""Motion."""

from torch import Tensor

from scope_control.levels import Levels, smoothstep
from scope_control.maps.base import ControlMap, SharedFields, levels_of
from scope_gpu.image.blur import gaussian_blur
from scope_gpu.image.color import luma


class Motion(ControlMap):
    """White where the picture changed."""

    name = "motion"

    def draw(self, frames: Tensor, before: Tensor, p: SharedFields) -> Tensor:
        return motion(frames, before, blur=p.control_denoise, levels=levels_of(p, 0.03, 4.0))


def motion(frames: Tensor, before: Tensor, *, blur: float, levels: Levels) -> Tensor:
    """White where the picture changed, TCHW [0, 1] to T1HW.

    Args:
        frames, before: each frame and the one before it.
        blur: sigma in pixels of a Gaussian over both, against noise.
        levels: of the change of luma, between which black turns into white.
    """
    change = gaussian_blur(luma(frames) - luma(before), blur).abs_()
    return smoothstep(change, *levels(change))
