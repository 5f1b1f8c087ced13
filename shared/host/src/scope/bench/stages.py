"""The pipelines that benchmarks play: they cost little, so that what is measured is the host. A plugin of its own."""

import time
from collections.abc import Callable
from typing import Any, Literal

import torch
from pydantic import Field

from scope.bench.barcode import draw
from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline, Requirements
from scope.core.plugins.hookspecs import hookimpl


class _Config(BasePipelineConfig):
    modes = {"video": ModeDefaults(default=True)}
    supports_prompts = False


class PassthroughConfig(_Config):
    pipeline_id = "passthrough"
    pipeline_name = "Passthrough"
    pipeline_description = "Returns its input."

    mark: Literal["none", "black", "white"] = Field(
        default="none", description="Paints the lower right corner, which shows when a change arrives"
    )


class GrayConfig(_Config):
    pipeline_id = "gray"
    pipeline_name = "Gray"
    pipeline_description = "Returns the luma of its input."


class Passthrough(Pipeline):
    """The least that a plugin can do with uint8 frames."""

    def __init__(self, **load: Any) -> None:
        pass

    @classmethod
    def get_config_class(cls) -> type[BasePipelineConfig]:
        return PassthroughConfig

    def prepare(self, **kwargs: Any) -> Requirements:
        """One frame a call."""
        return Requirements(input_size=1)

    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        """THWC in [0, 1]."""
        video = torch.cat(kwargs["video"]).to(torch.float32).mul_(1 / 255)
        height, width = video.shape[1:3]
        if (mark := kwargs.get("mark", "none")) != "none":
            video[:, height - height // 8 :, width - width // 8 :] = float(mark == "white")
        return {"video": video}


class Gray(Passthrough):
    """Rec. 709 luma in all three channels."""

    @classmethod
    def get_config_class(cls) -> type[BasePipelineConfig]:
        return GrayConfig

    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        """THWC in [0, 1]."""
        picture = super().__call__(**kwargs)["video"]
        weights = torch.tensor([0.2126, 0.7152, 0.0722], device=picture.device)
        return {"video": (picture @ weights).unsqueeze(-1).expand(-1, -1, -1, 3)}


class MetronomeConfig(_Config):
    pipeline_id = "metronome"
    pipeline_name = "Metronome"
    pipeline_description = "Draws how far the beat that it is told is behind the clock of the machine."


class Metronome(Passthrough):
    """The same moment in every picture while the beat neither drifts nor jumps."""

    @classmethod
    def get_config_class(cls) -> type[BasePipelineConfig]:
        return MetronomeConfig

    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        """THWC in [0, 1], with the moment at which the beat began, if it never changed its tempo, on top."""
        now = time.monotonic()
        beats = (kwargs["beat_count"] + kwargs["beat_phase"]) if "bpm" in kwargs else 0.0
        pixels = torch.cat(kwargs["video"]).to(torch.uint8).cpu().numpy().copy()
        draw(pixels[0], (now - beats * 60.0 / kwargs.get("bpm", 60.0)) * 1000.0)
        return {"video": torch.from_numpy(pixels).to(torch.float32).mul_(1 / 255)}


@hookimpl
def register_pipelines(register: Callable[[type[Pipeline]], None]) -> None:
    """All of them."""
    register(Passthrough)
    register(Gray)
    register(Metronome)
