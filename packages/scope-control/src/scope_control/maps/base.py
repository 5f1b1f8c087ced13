"""What a map is: a name in the menu, its controls, and its function, side by side in one module."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

from pydantic import BaseModel
from torch import Tensor

from scope_control.levels import Levels, automatic, fixed, gain
from scope_gpu.plugin.controls import choice, slider, toggle, unit_slider

LINE_HEIGHT = 512
"""The height in pixels at which a line width of 1 is one pixel: that of the pictures ControlNets were trained on."""


class SharedFields(BaseModel):
    """Controls that several maps follow."""

    control_format: Literal["controlnet", "vace"] = choice(
        "Format",
        "How the model behind was trained to see maps: ControlNet (white lines on black) or VACE (dark lines on white)",
        "controlnet",
        order=2,
    )

    control_detail: float = unit_slider(
        "Detail",
        "More lines, smaller movements, higher relief; not for blur, mosaic, grey and masks, nor for flow in VACE's format",
        0.5,
        order=5,
    )
    control_auto_threshold: bool = toggle(
        "Automatic thresholds",
        "Take the thresholds of edges, lines and motion from Detail and each picture",
        True,
        order=6,
    )
    control_low_threshold: float = slider(
        "Low threshold",
        "When not automatic: what is weaker vanishes (OpenCV's Canny value / 1020)",
        0.05,
        0.0,
        1.0,
        order=7,
    )
    control_high_threshold: float = slider(
        "High threshold",
        "When not automatic: what is stronger is drawn (OpenCV's Canny value / 1020)",
        0.1,
        0.0,
        1.0,
        order=8,
    )
    control_line_width: int = slider(
        "Line width", "Of Canny, line art and scribbles, in 512ths of the picture's height", 1, 1, 9, order=9
    )
    control_denoise: float = slider(
        "Denoise", "Blur before edges, scribbles and motion are looked for, in pixels", 1.4, 0.0, 6.0, order=10
    )


class ControlMap(ABC):
    """One entry of the menu. An instance holds no state.

    `fields` are controls of this map alone; every map may also read those of `SharedFields`.
    """

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    """Names of older versions, which keep working."""
    is_still: ClassVar[bool] = True
    """Whether it shows the frame alone, and not what changed since the one before."""
    is_ink: ClassVar[bool] = False
    """Whether it is drawn in white lines on black, which VACE is given in dark lines on white."""
    fields: ClassVar[type[BaseModel] | None] = None

    @abstractmethod
    def draw(self, frames: Tensor, before: Tensor, p: Any) -> Tensor:
        """TCHW [0, 1], each frame and the one before it, to T1HW or T3HW [0, 1] under the controls `p`."""


def levels_of(p: SharedFields, floor: float, medians: float, share: float = 0.0) -> Levels:
    """The thresholds that the controls ask for: taken from each picture (see `automatic`), or the two given ones."""
    if p.control_auto_threshold:
        return automatic(floor, medians, gain(p.control_detail), share)
    return fixed(p.control_low_threshold, p.control_high_threshold)


def is_for_vace(p: Any) -> bool:
    """Whether the format is VACE's, under any controls that have the field."""
    return p.control_format == "vace"


def pixels(width: float, frames: Tensor) -> float:
    """A line width in 512ths of the height of TCHW as pixels, at least 1."""
    return max(1.0, width * frames.shape[-2] / LINE_HEIGHT)
