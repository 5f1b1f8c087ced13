from enum import Enum

from pydantic import Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType, ui_field_config


class Look(Enum):
    PLAIN = "plain"
    FANCY = "fancy"


class WitnessTextConfig(BasePipelineConfig):
    pipeline_id = "witness-text"
    pipeline_name = "Witness (text)"
    pipeline_description = "Makes frames from a prompt."
    supports_prompts = True
    modes = {"text": ModeDefaults(default=True)}

    level: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        description="Brightness",
        json_schema_extra=ui_field_config(order=1, label="Level"),
    )


class WitnessVideoConfig(BasePipelineConfig):
    pipeline_id = "witness-video"
    pipeline_name = "Witness (video)"
    pipeline_description = "Passes frames through."
    supports_prompts = False
    modes = {"video": ModeDefaults(default=True)}
    usage = [UsageType.PREPROCESSOR]

    my_param: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        description="Tooltip text shown on hover in the UI",
        json_schema_extra=ui_field_config(order=1, label="Short Label", modes=["video"]),
    )
    look: Look = Field(default=Look.PLAIN, json_schema_extra=ui_field_config(order=2, label="Look", is_load_param=True))


class WitnessMultiConfig(BasePipelineConfig):
    pipeline_id = "witness-multi"
    pipeline_name = "Witness (multi)"
    pipeline_description = "Both."
    supports_prompts = True
    modes = {
        "text": ModeDefaults(default=True),
        "video": ModeDefaults(height=320, width=320, noise_scale=0.7),
    }
