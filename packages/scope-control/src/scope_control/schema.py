"""The controls of `control`: names, ranges and the one place of their defaults."""

from importlib import metadata
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType
from scope_gpu.plugin.controls import choice, slider, toggle, unit_slider

# One for each map, for hosts that show what a pipeline can do.
EXAMPLES: list[Any] = [
    {"control_map": "canny"},
    {"control_map": "soft_edge"},
    {"control_map": "line_art", "control_line_width": 2},
    {"control_map": "scribble", "control_line_width": 3},
    {"control_map": "blur"},
    {"control_map": "mosaic"},
    {"control_map": "normals"},
    {"control_map": "flow"},
]


class ControlConfig(BasePipelineConfig):
    """The schema of `control`."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})

    pipeline_id: ClassVar[str] = "control"
    pipeline_name: ClassVar[str] = "Control Maps"
    pipeline_description: ClassVar[str] = (
        "Turns video into what guides a generator: Canny, soft edges, line art, scribbles, blur, mosaic, grey, relief "
        "normals, motion or optical flow, without any network."
    )
    pipeline_version: ClassVar[str] = metadata.version("scope-control")
    # A chain of pipelines keeps what lies between two steps of 8 bits.
    frame_dtype: ClassVar[Literal["uint8", "float32"]] = "float32"
    docs_url: ClassVar[str | None] = (
        "https://github.com/daydream-plugins/scope-plugins/tree/main/packages/scope-control"
    )
    supports_prompts: ClassVar[bool] = False
    modes: ClassVar[dict[str, ModeDefaults]] = {"video": ModeDefaults(default=True)}
    usage: ClassVar[list[UsageType]] = [UsageType.PREPROCESSOR]
    outputs: ClassVar[list[str]] = ["video", "vace_input_frames"]

    control_map: Literal[
        "canny", "soft_edge", "line_art", "scribble", "blur", "mosaic", "grey", "normals", "motion", "flow"
    ] = choice("Map", "What is made of the picture", "canny", order=1)
    control_mix: float = unit_slider("Mix", "From the untouched picture (0) to the map alone (1)", 1.0, order=2)
    control_invert: bool = toggle(
        "Invert", "Exchange black and white, and every colour for its opposite", False, order=3
    )
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
    control_blur_radius: float = slider("Blur radius", "Of the blur map: sigma in pixels", 12.0, 0.0, 64.0, order=10)
    control_mosaic_size: int = slider("Mosaic size", "Side of the mosaic's squares, in pixels", 24, 2, 128, order=11)
    control_smoothing: float = unit_slider(
        "Smoothing", "Calms flicker where the picture rests; what moves is followed at once", 0.0, order=12
    )
    control_send_vace: bool = toggle(
        "Send as VACE control",
        "Let the picture through and send the map beside it, as vace_input_frames",
        False,
        order=13,
    )
