"""The schema of `control`: what the pipeline is, and the controls of its maps put together."""

from collections.abc import Mapping
from importlib import metadata
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType
from scope_control.maps import MAPS
from scope_control.maps.base import SharedFields
from scope_gpu.plugin.controls import choice, toggle, unit_slider
from scope_gpu.plugin.schema import with_fields

# One for each map, for hosts that show what a pipeline can do.
EXAMPLES: list[Any] = [
    {"control_map": "canny"},
    {"control_map": "soft_edge"},
    {"control_map": "line_art", "control_line_width": 2},
    {"control_map": "scribble", "control_line_width": 3},
    {"control_map": "blur"},
    {"control_map": "mosaic"},
    {"control_map": "relief"},
    {"control_map": "flow"},
]


# Names of older versions stand last.
MENU = [*(entry.name for entry in MAPS), *(alias for entry in MAPS for alias in entry.aliases)]

PARTS = [SharedFields, *(entry.fields for entry in MAPS if entry.fields)]


@with_fields(PARTS, menus={"control_map": MENU})
class ControlConfig(BasePipelineConfig):
    """The schema of `control`."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})

    pipeline_id: ClassVar[str] = "control"
    pipeline_name: ClassVar[str] = "Control Maps"
    pipeline_description: ClassVar[str] = (
        "Turns video into what guides a generator: Canny, soft edges, line art, scribbles, blur, mosaic, gray, relief, "
        "motion, optical flow or masks, without any network."
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
    outputs: ClassVar[list[str]] = ["video", "vace_input_frames", "vace_input_masks"]

    control_map: str = choice("Map", "What is made of the picture", "canny", order=1)
    control_mix: float = unit_slider("Mix", "From the untouched picture (0) to the map alone (1)", 1.0, order=4)
    control_invert: bool = toggle(
        "Invert", "Exchange black and white, and every color for its opposite", False, order=5
    )
    control_smoothing: float = unit_slider(
        "Smoothing",
        "Calms noise and flicker where the picture rests, follows at once what moves, holds motion for a moment; not for flow",
        0.95,
        order=23,
    )
    control_send_vace: bool = toggle(
        "Send as VACE control",
        "Let the picture through and send the map beside it, as vace_input_frames",
        False,
        order=24,
    )
    control_send_mask: bool = toggle(
        "Send as VACE mask",
        "Let the picture through and send the map beside it, as vace_input_masks: white is drawn anew, black is kept",
        False,
        order=25,
    )

    @classmethod
    def keeps_state(cls, values: Mapping[str, Any]) -> bool:
        """Whether the last frame has a say: in a map of movement, and in what is calmed."""
        chosen = next(entry for entry in MAPS if values["control_map"] in (entry.name, *entry.aliases))
        return values["control_mix"] > 0.0 and (not chosen.is_still or values["control_smoothing"] > 0.0)
