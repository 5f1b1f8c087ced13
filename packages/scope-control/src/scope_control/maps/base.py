"""What a map is: a name in the menu, its controls, and its function, side by side in one module."""

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel
from torch import Tensor

from scope_control.levels import Levels, automatic, fixed, gain
from scope_gpu.plugin.controls import choice, slider, toggle, unit_slider

REFERENCE_HEIGHT = 512
"""The height in pixels at which lengths of 1 are one pixel: that of the pictures ControlNets were trained on."""
FINEST_HEIGHT = 320
"""Maps that can do with less are drawn at the smallest size, a half, a quarter, ..., that has as many rows as this."""

REC601_LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue (ITU-R BT.601): gray as OpenCV and Pillow make it, and as models were trained on."""


class Source(NamedTuple):
    """What a map is drawn from."""

    halvings: int = 0
    """How often the picture is halved before."""
    weights: tuple[float, float, float] | None = None
    """Of red, green and blue in the only plane that is looked at; None for all three."""
    is_noisy: bool = True
    """Whether noise of the picture would show in a still map, so that smoothing has something to do."""


class Shot(NamedTuple):
    """Frames as `Source` has them."""

    frames: Tensor
    """TCHW [0, 1], of 3 channels or 1."""
    before: Tensor
    """Of each frame the one before it."""
    halvings: int


class SharedFields(BaseModel):
    """Controls that several maps follow."""

    control_quality: Literal["full", "fast"] = choice(
        "Quality",
        "Canny, soft edges, scribbles: full sees edges between colors, fast those of brightness alone, at less cost",
        "full",
        order=3,
    )
    control_format: Literal["controlnet", "vace"] = choice(
        "Format",
        "How the model behind was trained to see maps: ControlNet (white lines on black) or VACE (dark lines on white)",
        "controlnet",
        order=2,
    )

    control_detail: float = unit_slider(
        "Detail",
        "More lines, smaller movements, higher relief; not for blur, mosaic, gray and masks, nor for flow in VACE's format",
        0.5,
        order=6,
    )
    control_auto_threshold: bool = toggle(
        "Automatic thresholds",
        "Take the thresholds of edges, lines and motion from Detail and each picture",
        True,
        order=7,
    )
    control_low_threshold: float = slider(
        "Low threshold",
        "When not automatic: what is weaker vanishes (OpenCV's Canny value / 1020)",
        0.05,
        0.0,
        1.0,
        order=8,
    )
    control_high_threshold: float = slider(
        "High threshold",
        "When not automatic: what is stronger is drawn (OpenCV's Canny value / 1020)",
        0.1,
        0.0,
        1.0,
        order=9,
    )
    control_line_width: int = slider(
        "Line width", "Of Canny, line art and scribbles, in 512ths of the picture's height", 1, 1, 9, order=10
    )
    control_denoise: float = slider(
        "Denoise",
        "Blur before edges, scribbles and motion are looked for, in pixels, for noise lies in single ones",
        1.4,
        0.0,
        6.0,
        order=11,
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
    lingers: ClassVar[bool] = False
    """Whether a map of movement keeps its white for some frames."""
    is_ink: ClassVar[bool] = False
    """Whether it is drawn in white lines on black, which VACE is given in dark lines on white."""
    fields: ClassVar[type[BaseModel] | None] = None

    def source(self, p: Any, height: int) -> Source:
        """What a picture of `height` rows is drawn from: without a method of its own all of it."""
        return Source()

    @abstractmethod
    def draw(self, shot: Shot, p: Any) -> Tensor:
        """The map under the controls `p`, T1HW or T3HW [0, 1].

        It may be smaller than the picture by halvings and is enlarged then. A still one has the size of the shot.
        """


def levels_of(p: SharedFields, floor: float, medians: float, share: float = 0.0, **limits: float) -> Levels:
    """The thresholds that the controls ask for: taken from each picture (see `automatic`), or the two given ones."""
    if p.control_auto_threshold:
        return automatic(floor, medians, gain(p.control_detail), share, **limits)
    return fixed(p.control_low_threshold, p.control_high_threshold)


def is_for_vace(p: Any) -> bool:
    """Whether the format is VACE's, under any controls that have the field."""
    return p.control_format == "vace"


def pixels(length: float, frames: Tensor) -> float:
    """A length in 512ths of the height of TCHW, as pixels."""
    return length * frames.shape[-2] / REFERENCE_HEIGHT


def denoise(p: SharedFields, shot: Shot) -> float:
    """Sigma of the Gaussian against noise, in pixels of the shot."""
    return p.control_denoise / 2**shot.halvings


def coarse(height: int, finest: int = FINEST_HEIGHT) -> int:
    """How often a picture of `height` rows may be halved for a map that needs `finest` of them."""
    return max(0, math.floor(math.log2(height / finest)))


def edge_weights(p: SharedFields) -> tuple[float, float, float] | None:
    """The planes in which edges are looked for, under the chosen quality."""
    return REC601_LUMA if p.control_quality == "fast" else None
