"""The pipeline's parameters: names, ranges, defaults and where their controls appear."""

from enum import StrEnum
from importlib import metadata
from typing import Literal

from pydantic import Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, ui_field_config
from scope_wan_vace.catalogue import ARTIFACTS, GeneratorName, VaeType


class Quantization(StrEnum):
    """How the transformer's weights are stored."""

    NONE = "none"
    FP8 = "fp8_e4m3fn"


class WanVaceConfig(BasePipelineConfig):
    """Streaming Wan2.1 1.3B with VACE control."""

    pipeline_id = "wan-vace"
    pipeline_name = "Wan VACE"
    pipeline_description = (
        "Endless text-to-video and video-to-video on Wan2.1 1.3B (LongLive, Self-Forcing, Causal-Forcing), steered by "
        "depth, edges, masks and reference images through VACE."
    )
    pipeline_version = metadata.version("scope-wan-vace")
    docs_url = "https://github.com/daydream-plugins/scope-plugins/tree/main/packages/scope-wan-vace"
    # Transformer 2.9, VACE 1.5, text encoder 6.7, cache 5.0, autoencoder and activations about 2.
    estimated_vram_gb = 18.0
    requires_models = True
    supports_prompts = True
    supports_vace = True
    supports_lora = True
    supports_quantization = True
    supports_cache_management = True
    recommended_quantization_vram_threshold = 16.0
    min_dimension = 16
    inputs = ["video", "vace_input_frames", "vace_input_masks"]
    default_temporal_interpolation_method = "slerp"
    default_temporal_interpolation_steps = 4
    frame_dtype = "float32"
    modes = {
        "text": ModeDefaults(default=True, height=480, width=832, denoising_steps=[1000, 750, 500, 250]),
        "video": ModeDefaults(height=320, width=576, noise_scale=0.7, noise_controller=True, input_size=12),
    }
    artifacts = [*ARTIFACTS]

    height: int = Field(
        default=480,
        ge=16,
        le=2048,
        description="Height of the pictures in pixels; the nearest multiple of 16 counts",
        json_schema_extra=ui_field_config(order=1, label="Height", component="resolution", is_load_param=True),
    )
    width: int = Field(
        default=832,
        ge=16,
        le=2048,
        description="Width of the pictures in pixels; the nearest multiple of 16 counts",
        json_schema_extra=ui_field_config(order=2, label="Width", component="resolution", is_load_param=True),
    )
    base_seed: int = Field(
        default=42,
        ge=0,
        le=2**31 - 1,
        description="The same seed and inputs make the same film",
        json_schema_extra=ui_field_config(order=3, label="Seed", is_load_param=True),
    )
    generator: GeneratorName = Field(
        default=GeneratorName.LONGLIVE,
        description="Checkpoint; LongLive is the one trained for endless films",
        json_schema_extra=ui_field_config(order=4, label="Generator", is_load_param=True),
    )
    custom_checkpoint: str = Field(
        default="",
        description="Path of another checkpoint of Wan2.1 1.3B, absolute or below the models; it streams like Generator",
        json_schema_extra=ui_field_config(order=16, label="Custom checkpoint", is_load_param=True),
    )
    vae_type: VaeType = Field(
        default=VaeType.AUTO,
        description="Autoencoder: wan is the most faithful, lighttae and tae the fastest; auto is wan from 24 GB on",
        json_schema_extra=ui_field_config(order=5, label="VAE", is_load_param=True),
    )
    quantization: Quantization = Field(
        default=Quantization.NONE,
        description="Store the transformer in 8 bits; LoRA scales are then fixed at load",
        json_schema_extra=ui_field_config(order=6, label="Quantization", component="quantization", is_load_param=True),
    )
    low_vram: bool = Field(
        default=False,
        description="Keep the text encoder (6.7 GB) in main memory and lend it to the GPU for new prompts only",
        json_schema_extra=ui_field_config(order=7, label="Text encoder off GPU", is_load_param=True),
    )
    vace_enabled: bool = Field(
        default=True,
        description="Load the VACE branch (1.5 GB) for control frames, masks and reference images",
        json_schema_extra=ui_field_config(order=8, label="VACE", component="vace", is_load_param=True),
    )
    vace_context_scale: float = Field(
        default=1.0,
        ge=0.0,
        le=2.0,
        description="Strength of the control; 0 leaves VACE out",
        json_schema_extra=ui_field_config(order=9, label="VACE scale", component="vace"),
    )
    vace_use_input_video: bool = Field(
        default=False,
        description="Use the input video as VACE control instead of starting from it",
        json_schema_extra=ui_field_config(order=10, label="Input video as control", modes=["video"]),
    )
    vace_ref_images: list[str] = Field(
        default=[],
        description="Images whose subjects shall appear: paths, absolute or in the assets folder",
        json_schema_extra=ui_field_config(order=20, label="References", component="vace", category="input"),
    )
    first_frame_image: str = Field(
        default="",
        description="Image that the next chunk starts with",
        json_schema_extra=ui_field_config(order=21, label="First frame", component="image", category="input"),
    )
    last_frame_image: str = Field(
        default="",
        description="Image that the next chunk ends with",
        json_schema_extra=ui_field_config(order=22, label="Last frame", component="image", category="input"),
    )
    start_clip: str = Field(
        default="",
        description="Image or clip that a new film starts with: a path, absolute or in the assets folder",
        json_schema_extra=ui_field_config(order=19, label="Start from", component="image", category="input"),
    )
    lora_merge_strategy: Literal["permanent_merge", "runtime_peft"] = Field(
        default="runtime_peft",
        description="Keep LoRA scales live, or merge once and save the copy of the weights in main memory",
        json_schema_extra=ui_field_config(order=11, label="LoRA", component="lora", is_load_param=True),
    )
    manage_cache: bool = Field(
        default=True,
        description="Show the new prompt to the frames that are still visible, so that a switch takes one chunk",
        json_schema_extra=ui_field_config(order=12, label="Manage cache", component="cache"),
    )
    # Narrower than the base's: optional numbers get wrong sliders in the original host.
    denoising_steps: list[int] = Field(  # ty: ignore[incompatible-mutable-override]
        default=[1000, 750, 500, 250],
        description="Falling steps out of 1000; in video mode only their number counts",
        json_schema_extra=ui_field_config(order=13, label="Denoising steps", component="denoising_steps"),
    )
    noise_scale: float = Field(  # ty: ignore[incompatible-mutable-override]
        default=0.7,
        ge=0.0,
        le=1.0,
        description="How far the input video may be changed",
        json_schema_extra=ui_field_config(order=14, label="Noise scale", modes=["video"], component="noise"),
    )
    noise_controller: bool = Field(  # ty: ignore[incompatible-mutable-override]
        default=True,
        description="More noise while the input moves, less while it rests",
        json_schema_extra=ui_field_config(order=15, label="Noise controller", modes=["video"], component="noise"),
    )
    eager: bool = Field(
        default=False,
        description="Run without compiled code and CUDA graphs, for debugging: loads at once and plays more slowly",
        json_schema_extra=ui_field_config(order=17, label="Eager", is_load_param=True),
    )
