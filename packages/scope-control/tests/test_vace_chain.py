"""The map beside the picture, as a pipeline with VACE ports receives it from the embedded host."""

from typing import ClassVar

import pytest
import torch

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline, Requirements
from scope.runtime.frames import Frame, Stamp
from scope.runtime.offline import Session
from scope.runtime.stage import Conditions, Stage
from scope_control.pipeline import ControlPipeline


class PortsConfig(BasePipelineConfig):
    pipeline_id: ClassVar[str] = "ports"
    pipeline_name: ClassVar[str] = "Ports"
    pipeline_description: ClassVar[str] = "Takes picture and control separately"
    modes: ClassVar[dict[str, ModeDefaults]] = {"video": ModeDefaults(default=True)}
    inputs: ClassVar[list[str]] = ["video", "vace_input_frames", "vace_input_masks"]
    frame_dtype = "float32"


class Ports(Pipeline):
    """Keeps what it is called with."""

    def __init__(self) -> None:
        self.calls: list[dict] = []

    @classmethod
    def get_config_class(cls):
        return PortsConfig

    def prepare(self, **kwargs):
        return Requirements(input_size=2)

    def __call__(self, **kwargs):
        self.calls.append(kwargs)
        return {"video": torch.cat(kwargs["video"]) / 255.0}


PORTS = [("control_send_vace", "vace_input_frames"), ("control_send_mask", "vace_input_masks")]


@pytest.mark.parametrize(("toggle", "port"), PORTS)
def test_picture_and_map_arrive_in_step(film, toggle, port):
    pictures = film(4, dtype=torch.float32)
    maps = ControlPipeline(device="cpu")(video=pictures, init_cache=True, control_map="motion")["video"]
    ports, conditions = Ports(), Conditions(rate=25.0)
    control, behind = Stage(ControlPipeline(device="cpu"), conditions), Stage(ports, conditions)
    control.mailbox.post({"control_map": "motion", toggle: True})
    frames = [Frame(picture, Stamp(index / 25, index)) for index, picture in enumerate(pictures)]
    list(Session([control, behind]).transform(frames))
    assert len(ports.calls) == 2
    received = torch.cat([call[port] for call in ports.calls])
    torch.testing.assert_close(received, maps[..., : received.shape[-1]])
    torch.testing.assert_close(torch.cat([torch.cat(call["video"]) for call in ports.calls]), torch.cat(pictures))
