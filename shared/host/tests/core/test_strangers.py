"""A plugin as third parties write them, on the helpers beside the reference text, from schema to picture."""

from typing import Any, ClassVar

import torch

from scope.core.pipelines.base_schema import (
    BasePipelineConfig,
    CtrlInput,
    ModeDefaults,
    denoising_steps_field,
    height_field,
    input_size_field,
    noise_scale_field,
    width_field,
)
from scope.core.pipelines.blending import EmbeddingBlender, parse_transition_config
from scope.core.pipelines.controller import convert_to_win_keycodes
from scope.core.pipelines.defaults import prepare_for_mode, resolve_input_mode
from scope.core.pipelines.enums import Quantization
from scope.core.pipelines.interface import Pipeline, Requirements
from scope.core.pipelines.process import normalize_frame_sizes, postprocess_chunk, preprocess_chunk
from scope.core.pipelines.utils import validate_resolution


class WorldConfig(BasePipelineConfig):
    pipeline_id = "stranger-world"
    estimated_vram_gb = 24.0
    modes: ClassVar[dict] = {"text": ModeDefaults(default=True), "video": ModeDefaults(noise_scale=0.7)}

    height: int = height_field(default=32)
    width: int = width_field(default=48)
    input_size: int | None = input_size_field(default=4)
    noise_scale: float | None = noise_scale_field(default=0.5)
    denoising_steps: list[int] | None = denoising_steps_field(default=[1000, 500])
    quantization: Quantization | None = None


class World(Pipeline):
    """Shows the embedding of its prompt, walks by keys, and passes video through a latent of its own."""

    @classmethod
    def get_config_class(cls) -> type[BasePipelineConfig]:
        return WorldConfig

    def __init__(self, height: int, width: int, **kwargs: Any) -> None:
        validate_resolution(height, width, scale_factor=16)
        self.size = (height, width)
        self.blender = EmbeddingBlender("cpu", torch.float32)
        self.blender.blend([torch.zeros(1, 1, 3)], [1.0])

    def prepare(self, **kwargs: Any) -> Requirements | None:
        return prepare_for_mode(type(self), {}, kwargs, video_input_size=4)

    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        if resolve_input_mode(kwargs) == "video":
            frames = normalize_frame_sizes(kwargs["video"], *self.size)
            latent = preprocess_chunk(frames, "cpu", torch.bfloat16)
            return {"video": postprocess_chunk(latent.movedim(2, 1))}
        transition = parse_transition_config(kwargs.get("transition"))
        if transition.target_prompts:
            self.blender.start_transition(torch.ones(1, 1, 3), transition.num_steps)
        keys = convert_to_win_keycodes(kwargs.get("ctrl_input", CtrlInput()))
        embedding = self.blender.get_next_embedding()
        assert embedding is not None
        shade = embedding * (0.5 if ord("W") in keys else 1.0)
        return {"video": shade.expand(*self.size, 3).unsqueeze(0)}


def made(**load: Any) -> World:
    fields = {name: field.get_default() for name, field in WorldConfig.model_fields.items()}
    return World(**{name: value for name, value in fields.items() if value is not None} | load)


def test_the_helpers_make_fields_like_those_of_the_base_class():
    schema = WorldConfig.model_json_schema()["properties"]
    base = BasePipelineConfig.model_json_schema()["properties"]
    for name in ("height", "width", "input_size", "noise_scale", "denoising_steps"):
        assert schema[name] | {"default": None} == base[name] | {"default": None}
    assert WorldConfig().denoising_steps == [1000, 500]


def test_it_walks_through_a_transition():
    world = made()
    call = {"transition": {"target_prompts": [{"text": "sea", "weight": 1.0}], "num_steps": 2}}
    assert world(**call)["video"].mean() == 0.5
    assert world(ctrl_input=CtrlInput({"KeyW"}))["video"].mean() == 0.5
    assert world()["video"].mean() == 1.0


def test_it_takes_frames_of_several_sizes():
    world = made()
    assert world.prepare(video=True) == Requirements(input_size=4)
    video = [torch.full((1, *size, 3), 51, dtype=torch.uint8) for size in ((10, 10), (32, 48), (7, 9), (64, 64))]
    result = world(video=video)["video"]
    assert result.shape == (4, 32, 48, 3)
    assert torch.allclose(result, torch.full_like(result, 0.2), atol=2 / 255)
