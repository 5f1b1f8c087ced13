"""The schemas of `control-depth` and `control-matte`."""

from importlib import metadata
from typing import Any, ClassVar, Literal

from scope.core.pipelines.artifacts import Artifact
from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType
from scope_control.networks.catalog import DEPTH, MATTE
from scope_gpu.plugin.controls import choice, slider, toggle, unit_slider


class NetworkConfig(BasePipelineConfig):
    """What both have in common."""

    pipeline_version: ClassVar[str] = metadata.version("scope-control")
    frame_dtype: ClassVar[Literal["uint8", "float32"]] = "float32"
    docs_url: ClassVar[str | None] = (
        "https://github.com/daydream-plugins/scope-plugins/tree/main/packages/scope-control"
    )
    requires_models: ClassVar[bool] = True
    supports_prompts: ClassVar[bool] = False
    modes: ClassVar[dict[str, ModeDefaults]] = {"video": ModeDefaults(default=True)}
    usage: ClassVar[list[UsageType]] = [UsageType.PREPROCESSOR]


def _mix() -> Any:
    return unit_slider("Mix", "From the untouched picture (0) to the map alone (1)", 1.0, order=1)


def _invert() -> Any:
    return toggle("Invert", "Exchange black and white", False, order=2)


def _resolution(default: int, low: int, high: int) -> Any:
    tooltip = "Longer side of what the model sees, in pixels; more is finer and slower"
    return slider("Resolution", tooltip, default, low, high, order=3)


def _smoothing() -> Any:
    return unit_slider(
        "Smoothing",
        "Calms noise and flicker along the movement; what changes otherwise is followed at once",
        0.8,
        order=4,
    )


class DepthConfig(NetworkConfig):
    """The schema of `control-depth`."""

    pipeline_id: ClassVar[str] = "control-depth"
    pipeline_name: ClassVar[str] = "Depth Map (99 MB download)"
    pipeline_description: ClassVar[str] = (
        "Depth as brightness, near is white, by Depth Anything V2 Small: a model of 99 MB under Apache-2.0 is fetched first."
    )
    artifacts: ClassVar[list[Artifact]] = [DEPTH]
    outputs: ClassVar[list[str]] = ["video", "vace_input_frames"]

    depth_mix: float = _mix()
    depth_invert: bool = _invert()
    depth_resolution: int = _resolution(392, 112, 770)
    depth_smoothing: float = _smoothing()
    depth_send_vace: bool = toggle(
        "Send as VACE control",
        "Let the picture through and send the map beside it, as vace_input_frames",
        False,
        order=5,
    )


class MatteConfig(NetworkConfig):
    """The schema of `control-matte`."""

    pipeline_id: ClassVar[str] = "control-matte"
    pipeline_name: ClassVar[str] = "People Mask (10 MB download)"
    pipeline_description: ClassVar[str] = (
        "A white mask of people, or of other things in front, by DeepLab v3 on MobileNet v2: a model of 10 MB is fetched. "
        'Its card gives its license as "other", without a text; the original by TensorFlow is under Apache-2.0.'
    )
    artifacts: ClassVar[list[Artifact]] = [MATTE]
    outputs: ClassVar[list[str]] = ["video", "vace_input_masks"]

    matte_mix: float = _mix()
    matte_invert: bool = _invert()
    matte_resolution: int = _resolution(513, 129, 1025)
    matte_smoothing: float = _smoothing()
    matte_subject: Literal["person", "anything"] = choice(
        "Subject", "People, or any of the twenty things of Pascal VOC that are not background", "person", order=5
    )
    matte_send_mask: bool = toggle(
        "Send as VACE mask",
        "Let the picture through and send the mask beside it, as vace_input_masks: white is drawn anew, black is kept",
        False,
        order=6,
    )
