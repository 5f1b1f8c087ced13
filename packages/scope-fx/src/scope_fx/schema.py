"""The schema of `fx`: what the pipeline is, and the controls of its effects put together.

Every effect has an amount named after it, 0 by default, so that adding the plugin changes nothing until a control is
moved. The other controls shape an effect and start where it looks good.
"""

from collections.abc import Mapping
from importlib import metadata
from types import SimpleNamespace
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType
from scope_fx.effects import EFFECTS
from scope_gpu.plugin.controls import seed
from scope_gpu.plugin.schema import with_fields

# Scenes for hosts that show what a pipeline can do.
EXAMPLES: list[Any] = [
    {"bloom": 0.6, "bloom_threshold": 0.5, "grade_temperature": 0.4},
    {"trails": 0.9, "trails_zoom": 3.0, "trails_hue": 12.0},
    {"edge_glow": 1.0, "trails": 0.85, "trails_rotation": 1.5},
    {"kaleidoscope": 1.0, "kaleidoscope_segments": 5},
    {"halftone": 1.0},
    {"glitch": 1.0, "aberration": 0.6},
    {"pixelate": 0.4, "pixelate_shape": "lamps", "grade_saturation": 0.4},
    {"posterize": 1.0, "mirror": "left", "grade_hue": 150.0},
    {"grain": 0.9, "grade_saturation": -1.0, "grade_contrast": 0.4, "vignette": 0.6},
]


@with_fields([effect.fields for effect in EFFECTS])
class FxConfig(BasePipelineConfig):
    """The schema of `fx`; fields stand in the order in which the effects are applied."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})

    pipeline_id: ClassVar[str] = "fx"
    pipeline_name: ClassVar[str] = "FX"
    pipeline_description: ClassVar[str] = (
        "Video effects in one pass, each an exact passthrough at amount 0: composition, light and color, lens, paint and "
        "print, transmission and film."
    )
    pipeline_version: ClassVar[str] = metadata.version("scope-fx")
    # A chain of pipelines keeps what lies between two steps of 8 bits.
    frame_dtype: ClassVar[Literal["uint8", "float32"]] = "float32"
    docs_url: ClassVar[str | None] = "https://github.com/daydream-plugins/scope-plugins/tree/main/packages/scope-fx"
    supports_prompts: ClassVar[bool] = False
    modes: ClassVar[dict[str, ModeDefaults]] = {"video": ModeDefaults(default=True)}
    usage: ClassVar[list[UsageType]] = [UsageType.POSTPROCESSOR]

    base_seed: int = seed("Another seed, other glitches and other grain")

    @classmethod
    def keeps_state(cls, values: Mapping[str, Any]) -> bool:
        """Whether an effect is on that does."""
        controls = SimpleNamespace(**values)
        return any(effect.keeps_state and effect.is_on(controls) for effect in EFFECTS)
