"""The schema of a pipeline: what it is, which modes it has, and the parameters that become controls.

Importing this module does not import torch, so that a host can list pipelines quickly.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from scope.core.pipelines.artifacts import Artifact
from scope.core.pipelines.controller import CtrlInput
from scope.core.pipelines.enums import UsageType

__all__ = [
    "BasePipelineConfig",
    "CtrlInput",
    "InputMode",
    "ModeDefaults",
    "UsageType",
    "denoising_steps_field",
    "height_field",
    "input_size_field",
    "noise_scale_field",
    "ui_field_config",
    "width_field",
]

InputMode = Literal["text", "video"]


def ui_field_config(
    *,
    order: int | None = None,
    label: str | None = None,
    modes: list[str] | None = None,
    is_load_param: bool = False,
    category: Literal["configuration", "input"] = "configuration",
    component: str | None = None,
    modulatable: bool | None = None,
    modulatable_min: float | None = None,
    modulatable_max: float | None = None,
) -> dict[str, Any]:
    """The `json_schema_extra` of a field that gets a control.

    Args:
        order: position in the panel, lower is higher up.
        label: short name beside the control.
        modes: the modes in which the control shows; all without.
        is_load_param: True for a value read once at load, False for one that is live.
        category: "configuration" (the settings panel) or "input" (the input panel).
        component: groups fields into one larger widget, such as "resolution" or "vace".
        modulatable: whether a tempo may move the value, between `modulatable_min` and `modulatable_max`.
    """
    ui = {
        "order": order,
        "label": label,
        "modes": modes,
        "is_load_param": is_load_param,
        "category": category,
        "component": component,
        "modulatable": modulatable,
        "modulatable_min": modulatable_min,
        "modulatable_max": modulatable_max,
    }
    return {"ui": {key: value for key, value in ui.items() if value is not None}}


def height_field(default: int = 512) -> Any:
    """The field of the output's height in pixels, at least 1."""
    return Field(default=default, ge=1, description="Height of the output in pixels")


def width_field(default: int = 512) -> Any:
    """The field of the output's width in pixels, at least 1."""
    return Field(default=default, ge=1, description="Width of the output in pixels")


def input_size_field(default: int | None = 1) -> Any:
    """The field of the number of input frames in a call, at least 1."""
    return Field(default=default, ge=1, description="Input frames a call")


def noise_scale_field(default: float | None = None) -> Any:
    """The field of the noise added to the input video, in [0, 1]."""
    return Field(default=default, ge=0.0, le=1.0, description="Noise added to the input video")


def denoising_steps_field(default: list[int] | None = None) -> Any:
    """The field of the denoising timesteps, descending."""
    return Field(default=default, description="Denoising timesteps, descending")


class ModeDefaults(BaseModel):
    """What differs from the schema's defaults in one mode."""

    model_config = ConfigDict(extra="forbid")

    default: bool = False
    height: int | None = None
    width: int | None = None
    denoising_steps: list[int] | None = None
    noise_scale: float | None = None
    noise_controller: bool | None = None
    input_size: int | None = None
    default_temporal_interpolation_steps: int | None = None


class BasePipelineConfig(BaseModel):
    """Base of every pipeline's schema: class variables describe the pipeline, fields are its parameters.

    A field shows as a control where it carries `json_schema_extra=ui_field_config(...)`; the inherited fields show only
    where a plugin declares them anew.
    """

    model_config = ConfigDict(extra="forbid")

    pipeline_id: ClassVar[str]
    pipeline_name: ClassVar[str] = ""
    pipeline_description: ClassVar[str] = ""
    pipeline_version: ClassVar[str] = "1.0.0"
    docs_url: ClassVar[str | None] = None
    estimated_vram_gb: ClassVar[float | None] = None
    recommended_quantization_vram_threshold: ClassVar[float | None] = None
    requires_models: ClassVar[bool] = False
    artifacts: ClassVar[list[Artifact]] = []
    modified: ClassVar[bool] = False

    supports_prompts: ClassVar[bool] = True
    supports_lora: ClassVar[bool] = False
    supports_vace: ClassVar[bool] = False
    supports_cache_management: ClassVar[bool] = False
    supports_kv_cache_bias: ClassVar[bool] = False
    supports_quantization: ClassVar[bool] = False
    min_dimension: ClassVar[int] = 1

    modes: ClassVar[dict[str, ModeDefaults]] = {"text": ModeDefaults(default=True)}
    usage: ClassVar[list[UsageType]] = []
    inputs: ClassVar[list[str]] = ["video"]
    outputs: ClassVar[list[str]] = ["video"]
    frame_dtype: ClassVar[Literal["uint8", "float32"]] = "uint8"
    produces_video: ClassVar[bool] = True
    produces_audio: ClassVar[bool] = False

    default_temporal_interpolation_method: ClassVar[Literal["linear", "slerp"]] = "slerp"
    default_temporal_interpolation_steps: ClassVar[int] = 0
    default_spatial_interpolation_method: ClassVar[Literal["linear", "slerp"]] = "linear"

    height: int = height_field()
    width: int = width_field()
    manage_cache: bool = Field(default=True, description="Let the pipeline decide when to reset its cache")
    base_seed: int = Field(default=42, ge=0, description="Seed of all randomness")
    denoising_steps: list[int] | None = denoising_steps_field()
    lora_merge_strategy: Literal["permanent_merge", "runtime_peft"] = Field(
        default="permanent_merge", description="Merge LoRA weights once, or keep their scales live"
    )
    noise_scale: float | None = noise_scale_field()
    noise_controller: bool | None = Field(default=None, description="Adapt the noise to the motion in the input")
    input_size: int | None = input_size_field()
    ref_images: list[str] | None = Field(default=None, description="Paths of reference images")
    vace_context_scale: float = Field(default=1.0, ge=0.0, le=2.0, description="Strength of the VACE conditioning")

    @classmethod
    def get_supported_modes(cls) -> list[str]:
        """The names of the modes, in the order of the schema."""
        return list(cls.modes)

    @classmethod
    def get_default_mode(cls) -> str:
        """The mode marked as default, else the first one."""
        return next((name for name, defaults in cls.modes.items() if defaults.default), next(iter(cls.modes)))

    @classmethod
    def get_defaults_for_mode(cls, mode: str) -> dict[str, Any]:
        """Every field's default with the mode's own values laid over it.

        Raises:
            ValueError: the pipeline has no such mode.
        """
        if mode not in cls.modes:
            raise ValueError(f"{cls.pipeline_id}: expected a mode out of {list(cls.modes)}, got {mode!r}")
        return field_defaults(cls) | cls.modes[mode].model_dump(exclude={"default"}, exclude_none=True)

    @classmethod
    def keeps_state(cls, values: Mapping[str, Any]) -> bool:
        """Whether a frame made with these parameters depends on earlier frames, or on how many there were.

        A host may begin a film anywhere where it does not: it splits long clips into parts that are rendered apart.
        Only the host of this project asks. `values` has every field, in force for the whole of a film.
        """
        return True

    @classmethod
    def get_pipeline_metadata(cls) -> dict[str, Any]:
        """What a host shows of the pipeline without loading it."""
        return {
            "id": cls.pipeline_id,
            "name": cls.pipeline_name or cls.pipeline_id,
            "description": cls.pipeline_description,
            "version": cls.pipeline_version,
            "docs_url": cls.docs_url,
            "estimated_vram_gb": cls.estimated_vram_gb,
            "recommended_quantization_vram_threshold": cls.recommended_quantization_vram_threshold,
            "requires_models": cls.requires_models or bool(cls.artifacts),
            "modified": cls.modified,
            "supports_prompts": cls.supports_prompts,
            "supports_lora": cls.supports_lora,
            "supports_vace": cls.supports_vace,
            "supports_cache_management": cls.supports_cache_management,
            "supports_kv_cache_bias": cls.supports_kv_cache_bias,
            "supports_quantization": cls.supports_quantization,
            "min_dimension": cls.min_dimension,
            "usage": [str(usage) for usage in cls.usage],
            "inputs": cls.inputs,
            "outputs": cls.outputs,
            "produces_video": cls.produces_video,
            "produces_audio": cls.produces_audio,
            "supported_modes": cls.get_supported_modes(),
            "default_mode": cls.get_default_mode(),
            "default_temporal_interpolation_method": cls.default_temporal_interpolation_method,
            "default_temporal_interpolation_steps": cls.default_temporal_interpolation_steps,
            "default_spatial_interpolation_method": cls.default_spatial_interpolation_method,
        }

    @classmethod
    def get_schema_with_metadata(cls) -> dict[str, Any]:
        """The metadata, `config_schema` (the JSON schema of the fields) and `mode_defaults`, ready for JSON."""
        mode_defaults = {name: m.model_dump(exclude={"default"}, exclude_none=True) for name, m in cls.modes.items()}
        return cls.get_pipeline_metadata() | {
            "config_schema": cls.model_json_schema(),
            "mode_defaults": mode_defaults,
        }


def field_defaults(config: type[BasePipelineConfig]) -> dict[str, Any]:
    """Every field's default, factories called; `PydanticUndefined` for a field without one."""
    return {name: f.get_default(call_default_factory=True) for name, f in config.model_fields.items()}
