"""Small real pipelines for the runtime's tests."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from pydantic import Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, ui_field_config
from scope.core.pipelines.interface import Pipeline, Requirements
from scope.runtime.frames import Frame, Stamp


class GainConfig(BasePipelineConfig):
    pipeline_id = "gain"
    pipeline_name = "Gain"
    pipeline_description = "Multiplies."
    supports_prompts = False
    modes = {"video": ModeDefaults(default=True), "text": ModeDefaults()}
    inputs = ["video", "masks"]
    frame_dtype = "float32"

    gain: float = Field(
        default=1.0, ge=0.0, le=2.0, description="Gain", json_schema_extra=ui_field_config(label="Gain")
    )
    tags: list[str] = Field(default_factory=list)


class GainPipeline(Pipeline):
    """Multiplies the picture and remembers every call; `answer` may replace what it returns."""

    def __init__(self, input_size: int = 1, answer: Callable[[dict], Any] | None = None, **load: Any) -> None:
        self.input_size, self.answer, self.load, self.calls = input_size, answer, load, []

    @classmethod
    def get_config_class(cls):
        return GainConfig

    def prepare(self, **kwargs: Any) -> Requirements:
        return Requirements(input_size=self.input_size)

    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        self.calls.append(kwargs)
        if self.answer is not None:
            return self.answer(kwargs)
        picture = torch.cat([frame.float() for frame in kwargs["video"]]) / 255.0
        return {"video": picture * kwargs.get("gain", 1.0)}


@pytest.fixture
def gain() -> type[GainPipeline]:
    """The pipeline class; construct one for each stage."""
    return GainPipeline


@pytest.fixture
def ramp() -> Callable[[int], list[Frame]]:
    """Frames of 2x2 pixels at 10 a second, each with its own number as its value."""
    return lambda count: [Frame(torch.full((1, 2, 2, 3), float(i)), Stamp(i / 10, i)) for i in range(count)]
