import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from scope.core.pipelines.defaults import prepare_for_mode
from scope.core.pipelines.interface import Pipeline, Requirements

from .schema import WitnessMultiConfig, WitnessTextConfig, WitnessVideoConfig

if TYPE_CHECKING:
    from scope.core.pipelines.base_schema import BasePipelineConfig


def testify(pipeline: Pipeline, event: str, kwargs: dict) -> None:
    video = kwargs.get("video")
    if isinstance(video, list):
        frames = [[list(f.shape), str(f.dtype), float(f.min()), float(f.max())] for f in video]
        kwargs = kwargs | {"video": frames}
    line = {"who": pipeline.get_config_class().pipeline_id, "event": event, "kwargs": kwargs}
    with Path(os.environ["SCOPE_WITNESS"]).open("a") as log:
        log.write(json.dumps(line, default=repr) + "\n")


class WitnessText(Pipeline):
    @classmethod
    def get_config_class(cls) -> type["BasePipelineConfig"]:
        return WitnessTextConfig

    def __init__(self, height: int = 512, width: int = 512, **kwargs):
        testify(self, "init", kwargs | {"height": height, "width": width})
        self.height, self.width = height, width

    def __call__(self, **kwargs) -> dict:
        testify(self, "call", kwargs)
        return {"video": torch.full((1, self.height, self.width, 3), kwargs.get("level", 0.5))}


class WitnessVideo(Pipeline):
    @classmethod
    def get_config_class(cls) -> type["BasePipelineConfig"]:
        return WitnessVideoConfig

    def __init__(self, device: torch.device | None = None, **kwargs):
        testify(self, "init", kwargs)
        self.device = device if device is not None else torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def prepare(self, **kwargs) -> Requirements:
        testify(self, "prepare", kwargs)
        return Requirements(input_size=1)

    def __call__(self, **kwargs) -> dict:
        testify(self, "call", kwargs)
        video = kwargs.get("video")
        if video is None:
            raise ValueError("This pipeline requires video input")
        frames = torch.stack([frame.squeeze(0) for frame in video], dim=0)
        frames = frames.to(device=self.device, dtype=torch.float32) / 255.0
        return {"video": frames.clamp(0, 1), "witnessed": kwargs.get("my_param", 0.5)}


class WitnessMulti(Pipeline):
    @classmethod
    def get_config_class(cls) -> type["BasePipelineConfig"]:
        return WitnessMultiConfig

    def __init__(self, **kwargs):
        testify(self, "init", kwargs)

    def prepare(self, **kwargs) -> Requirements | None:
        testify(self, "prepare", kwargs)
        return prepare_for_mode(self.__class__, {}, kwargs)

    def __call__(self, **kwargs) -> dict:
        testify(self, "call", kwargs)
        video = kwargs.get("video")
        if video is None:
            return {"video": torch.zeros(9, 16, 16, 3), "frame_rate": 16}
        return {"video": torch.cat([frame.to(torch.float32) for frame in video]) / 255.0}
