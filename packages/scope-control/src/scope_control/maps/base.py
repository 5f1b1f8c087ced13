"""What a map is: a name in the menu, its controls, and its function, side by side in one module."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from pydantic import BaseModel
from torch import Tensor

from scope_control.levels import Levels, automatic, fixed, gain
from scope_gpu.plugin.controls import slider, toggle, unit_slider


class SharedFields(BaseModel):
    """Controls that several maps follow."""

    control_detail: float = unit_slider(
        "Detail", "More lines, smaller movements, higher relief; has no effect on blur, mosaic and grey", 0.5, order=4
    )
    control_auto_threshold: bool = toggle(
        "Automatic thresholds",
        "Take the thresholds of edges, lines and motion from Detail and each picture",
        True,
        order=5,
    )
    control_low_threshold: float = slider(
        "Low threshold",
        "When not automatic: what is weaker vanishes (OpenCV's Canny value / 1020)",
        0.05,
        0.0,
        1.0,
        order=6,
    )
    control_high_threshold: float = slider(
        "High threshold",
        "When not automatic: what is stronger is drawn (OpenCV's Canny value / 1020)",
        0.1,
        0.0,
        1.0,
        order=7,
    )
    control_line_width: int = slider("Line width", "Of Canny, line art and scribbles, in pixels", 1, 1, 9, order=8)
    control_denoise: float = slider(
        "Denoise", "Blur before edges, scribbles and motion are looked for, in pixels", 1.4, 0.0, 6.0, order=9
    )


class ControlMap(ABC):
    """One entry of the menu. An instance holds no state.

    `fields` are controls of this map alone; every map may also read those of `SharedFields`.
    """

    name: ClassVar[str]
    fields: ClassVar[type[BaseModel] | None] = None

    @abstractmethod
    def draw(self, frames: Tensor, before: Tensor, p: Any) -> Tensor:
        """TCHW [0, 1], each frame and the one before it, to T1HW or T3HW [0, 1] under the controls `p`."""


def levels_of(p: SharedFields, floor: float, medians: float) -> Levels:
    """The thresholds that the controls ask for: taken from each picture (see `automatic`), or the two given ones."""
    if p.control_auto_threshold:
        return automatic(floor, medians, gain(p.control_detail))
    return fixed(p.control_low_threshold, p.control_high_threshold)
