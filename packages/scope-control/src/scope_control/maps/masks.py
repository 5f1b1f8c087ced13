"""Masks: white where a model shall draw, black what it shall keep. By luma, by hue, as a box, as a border."""

import colorsys
import math

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_control.levels import smoothstep
from scope_control.maps.base import REC601_LUMA, ControlMap, Shot, Source
from scope_gpu.plugin.controls import unit_slider

FAINTEST_KEY, FULL_KEY = 0.02, 0.08
"""Distance from gray in the plane of Cb and Cr, both in [-0.5, 0.5], from which a color begins to count and counts fully."""


NOTHING = Source(weights=REC601_LUMA, is_noisy=False)
"""For masks that need the size of the picture only."""


class LumaFields(BaseModel):
    control_mask_level: float = unit_slider("Mask level", "Luma mask: white from this brightness on", 0.5, order=14)
    control_mask_softness: float = unit_slider(
        "Mask softness", "Luma mask: from a hard border (0) to a gradual one (1)", 0.1, order=15
    )


class LumaMask(ControlMap):
    """What is bright."""

    name = "luma_mask"
    fields = LumaFields

    def source(self, p: LumaFields, height: int) -> Source:
        return Source(weights=REC601_LUMA)

    def draw(self, shot: Shot, p: LumaFields) -> Tensor:
        return luma_mask(shot.frames, level=p.control_mask_level, softness=p.control_mask_softness)


def luma_mask(planes: Tensor, *, level: float, softness: float) -> Tensor:
    """White where luma T1HW [0, 1] is above `level`, over a step `softness` wide: T1HW [0, 1]."""
    return smoothstep(planes, level - softness / 2, level + softness / 2)


class ChromaFields(BaseModel):
    control_mask_hue: float = unit_slider(
        "Mask hue", "Chroma mask: 0 red, 1/3 green, 2/3 blue", round(1 / 3, 3), order=16
    )
    control_mask_tolerance: float = unit_slider(
        "Mask tolerance",
        "Chroma mask: how far colors may be from the hue; 1 is a quarter turn to each side",
        0.4,
        order=17,
    )


class ChromaMask(ControlMap):
    """What has one hue."""

    name = "chroma_mask"
    fields = ChromaFields

    def draw(self, shot: Shot, p: ChromaFields) -> Tensor:
        return chroma_mask(shot.frames, hue=p.control_mask_hue, tolerance=p.control_mask_tolerance)


def chroma_mask(frames: Tensor, *, hue: float, tolerance: float) -> Tensor:
    """White where TCHW [0, 1] has the color of a screen: T1HW [0, 1]; gray is black.

    A sector of the plane of Cb and Cr (ITU-R BT.601), as keyers cut it out.

    Args:
        hue: in turns, 0 red, 1/3 green, 2/3 blue.
        tolerance: half the angle of the sector, as a share of a quarter turn.
    """
    key_blue, key_red = _chroma(torch.tensor(colorsys.hsv_to_rgb(hue % 1.0, 1.0, 1.0)).view(1, 3, 1, 1).unbind(1))
    length = math.hypot(float(key_blue), float(key_red))
    x, y = float(key_blue) / length, float(key_red) / length
    blue, red = _chroma(frames.split(1, dim=1))
    along, across = blue * x + red * y, (red * x - blue * y).abs_()
    half = max(tolerance, 1e-3) * math.tau / 4
    # The distance to the sector's legs, positive within.
    return smoothstep(along * math.sin(half) - across * math.cos(half), FAINTEST_KEY, FULL_KEY)


def _chroma(channels: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    red, green, blue = channels
    return (-0.168736 * red - 0.331264 * green + 0.5 * blue, 0.5 * red - 0.418688 * green - 0.081312 * blue)


class BoxFields(BaseModel):
    control_mask_x: float = unit_slider("Box x", "Box mask: its middle, from left (0) to right (1)", 0.5, order=18)
    control_mask_y: float = unit_slider("Box y", "Box mask: its middle, from top (0) to bottom (1)", 0.5, order=19)
    control_mask_width: float = unit_slider("Box width", "Box mask: as a share of the picture's width", 0.5, order=20)
    control_mask_height: float = unit_slider(
        "Box height", "Box mask: as a share of the picture's height", 0.5, order=21
    )


class BoxMask(ControlMap):
    """A rectangle."""

    name = "box_mask"
    fields = BoxFields

    def source(self, p: BoxFields, height: int) -> Source:
        return NOTHING

    def draw(self, shot: Shot, p: BoxFields) -> Tensor:
        box = (p.control_mask_x, p.control_mask_y, p.control_mask_width, p.control_mask_height)
        return box_mask(shot.frames, *box)


def box_mask(frames: Tensor, x: float, y: float, width: float, height: float) -> Tensor:
    """White in a rectangle around (x, y), all as shares of the size of TCHW: T1HW of 0 and 1."""
    columns, rows = _middles(frames, -1), _middles(frames, -2)
    inside = ((columns - x).abs() <= width / 2) & ((rows - y).abs()[:, None] <= height / 2)
    return inside.to(frames.dtype).expand(frames.shape[0], 1, -1, -1)


class BorderFields(BaseModel):
    control_mask_border: float = unit_slider(
        "Border", "Border mask: its width; at 1 it reaches the middle of the picture", 0.25, order=22
    )


class BorderMask(ControlMap):
    """Everything around the middle: the model draws the surroundings anew (outpainting)."""

    name = "border_mask"
    fields = BorderFields

    def source(self, p: BorderFields, height: int) -> Source:
        return NOTHING

    def draw(self, shot: Shot, p: BorderFields) -> Tensor:
        return border_mask(shot.frames, width=p.control_mask_border)


def border_mask(frames: Tensor, *, width: float) -> Tensor:
    """White along all four edges of TCHW, `width` halves of the shorter side wide: T1HW of 0 and 1."""
    shorter = min(frames.shape[-2:])
    inner = [1.0 - width * shorter / size for size in (frames.shape[-1], frames.shape[-2])]
    return 1.0 - box_mask(frames, 0.5, 0.5, *inner)


def _middles(frames: Tensor, dim: int) -> Tensor:
    size = frames.shape[dim]
    return (torch.arange(size, device=frames.device) + 0.5) / size
