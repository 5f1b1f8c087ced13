"""From parameters to a map: which function draws it, with which values."""

from collections.abc import Callable

from torch import Tensor

from scope_control.levels import Levels, automatic, fixed, gain
from scope_control.maps.blur import low_pass
from scope_control.maps.canny import canny
from scope_control.maps.flow import flow, flow_colours
from scope_control.maps.line_art import line_art
from scope_control.maps.mosaic import mosaic
from scope_control.maps.motion import motion
from scope_control.maps.normals import normals
from scope_control.maps.scribble import scribble
from scope_control.maps.soft_edge import soft_edge
from scope_control.schema import ControlConfig
from scope_gpu.image.color import luma

FLOW_FULL = 0.01
"""Speed of full saturation at medium detail, as a share of the picture's longer side."""

type Draw = Callable[[Tensor, Tensor, ControlConfig], Tensor]


def draw(frames: Tensor, before: Tensor, params: ControlConfig) -> Tensor:
    """The chosen map, T1HW or T3HW [0, 1], of each frame (TCHW [0, 1]) and the one before it."""
    drawn = MAPS[params.control_map](frames, before, params)
    return 1.0 - drawn if params.control_invert else drawn


def _levels(p: ControlConfig, floor: float, medians: float) -> Levels:
    if p.control_auto_threshold:
        return automatic(floor, medians, gain(p.control_detail))
    return fixed(p.control_low_threshold, p.control_high_threshold)


def _canny(frames: Tensor, before: Tensor, p: ControlConfig) -> Tensor:
    return canny(frames, blur=p.control_denoise, levels=_levels(p, 0.04, 2.5), width=p.control_line_width)


def _soft_edge(frames: Tensor, before: Tensor, p: ControlConfig) -> Tensor:
    return soft_edge(frames, blur=p.control_denoise, levels=_levels(p, 0.04, 3.0))


def _line_art(frames: Tensor, before: Tensor, p: ControlConfig) -> Tensor:
    return line_art(frames, width=p.control_line_width + 1, levels=_levels(p, 0.08, 2.0))


def _scribble(frames: Tensor, before: Tensor, p: ControlConfig) -> Tensor:
    levels = _levels(p, 0.035, 1.6)
    return scribble(frames, blur=1.0 + p.control_denoise, levels=levels, width=p.control_line_width + 2)


def _flow(frames: Tensor, before: Tensor, p: ControlConfig) -> Tensor:
    full = FLOW_FULL * max(frames.shape[-2:]) / gain(p.control_detail)
    return flow_colours(flow(frames, before), full=full)


MAPS: dict[str, Draw] = {
    "canny": _canny,
    "soft_edge": _soft_edge,
    "line_art": _line_art,
    "scribble": _scribble,
    "blur": lambda frames, before, p: low_pass(frames, sigma=p.control_blur_radius),
    "mosaic": lambda frames, before, p: mosaic(frames, size=p.control_mosaic_size),
    "grey": lambda frames, before, p: luma(frames),
    "normals": lambda frames, before, p: normals(frames, relief=4.0 * gain(p.control_detail)),
    "motion": lambda frames, before, p: motion(
        frames, before, blur=p.control_denoise, levels=_levels(p, floor=0.03, medians=4.0)
    ),
    "flow": _flow,
}
