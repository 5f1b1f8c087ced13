"""The config class: fields, defaults, modes and the schema that hosts read."""

import json
from typing import Literal

import pytest
from pydantic import Field, ValidationError

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType, ui_field_config


class WaveConfig(BasePipelineConfig):
    pipeline_id = "wave"
    pipeline_name = "Wave"
    pipeline_description = "Waves."
    supports_prompts = False
    modes = {"text": ModeDefaults(), "video": ModeDefaults(default=True, height=320, noise_scale=0.7)}
    usage = [UsageType.POSTPROCESSOR]

    wave_height: float = Field(
        default=0.5, ge=0.0, le=1.0, description="How high", json_schema_extra=ui_field_config(order=1, label="Height")
    )
    wave_shape: Literal["sine", "square"] = "sine"


def test_base_fields_have_the_defaults_that_hosts_send():
    config = WaveConfig()
    assert (config.height, config.width, config.base_seed, config.input_size) == (512, 512, 42, 1)
    assert config.manage_cache is True
    assert config.vace_context_scale == 1.0
    assert config.noise_scale is None


@pytest.mark.parametrize(
    "values", [{"height": 0}, {"base_seed": -1}, {"noise_scale": 1.1}, {"vace_context_scale": 2.1}]
)
def test_base_fields_refuse_values_out_of_range(values):
    with pytest.raises(ValidationError):
        WaveConfig(**values)


def test_unknown_fields_are_refused():
    with pytest.raises(ValidationError, match="brightness"):
        WaveConfig.model_validate({"brightness": 1})


def test_mode_defaults_refuse_unknown_names():
    with pytest.raises(ValidationError, match="fps"):
        ModeDefaults.model_validate({"fps": 3})


def test_the_default_mode_is_the_marked_one_else_the_first():
    class Unmarked(WaveConfig):
        modes = {"video": ModeDefaults(), "text": ModeDefaults()}

    assert WaveConfig.get_default_mode() == "video"
    assert Unmarked.get_default_mode() == "video"
    assert WaveConfig.get_supported_modes() == ["text", "video"]


def test_defaults_of_a_mode_lie_over_those_of_the_schema():
    defaults = WaveConfig.get_defaults_for_mode("video")
    assert (defaults["height"], defaults["width"], defaults["noise_scale"]) == (320, 512, 0.7)
    assert WaveConfig.get_defaults_for_mode("text")["height"] == 512


def test_an_unknown_mode_names_those_that_exist():
    with pytest.raises(ValueError, match=r"wave: expected a mode out of \['text', 'video'\], got 'audio'"):
        WaveConfig.get_defaults_for_mode("audio")


def test_the_schema_with_metadata_is_json_and_carries_the_controls():
    schema = json.loads(json.dumps(WaveConfig.get_schema_with_metadata()))
    assert schema["id"] == "wave"
    assert schema["usage"] == ["postprocessor"]
    assert schema["mode_defaults"]["video"] == {"height": 320, "noise_scale": 0.7}
    field = schema["config_schema"]["properties"]["wave_height"]
    assert (field["minimum"], field["maximum"]) == (0.0, 1.0)
    assert field["ui"] == {"order": 1, "label": "Height", "is_load_param": False, "category": "configuration"}
    assert "ui" not in schema["config_schema"]["properties"]["height"]


def test_ui_field_config_keeps_every_option_it_is_given():
    options = {
        "order": 3,
        "label": "L",
        "modes": ["text"],
        "is_load_param": True,
        "category": "input",
        "component": "vace",
        "modulatable": True,
        "modulatable_min": 0.0,
        "modulatable_max": 1.0,
    }
    assert ui_field_config(**options) == {"ui": options}
    assert ui_field_config() == {"ui": {"category": "configuration", "is_load_param": False}}


def test_class_variables_have_the_documented_defaults():
    assert BasePipelineConfig.inputs == BasePipelineConfig.outputs == ["video"]
    assert BasePipelineConfig.default_temporal_interpolation_method == "slerp"
    assert BasePipelineConfig.default_temporal_interpolation_steps == 0
    assert BasePipelineConfig.default_spatial_interpolation_method == "linear"
    assert BasePipelineConfig.usage == []
