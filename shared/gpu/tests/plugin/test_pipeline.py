"""The base classes: what a plugin need not write itself."""

import pytest
import torch
from pydantic import Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Requirements
from scope_gpu.plugin import clock
from scope_gpu.plugin.pipeline import FilterPipeline, GeneratorPipeline


class Config(BasePipelineConfig):
    pipeline_id = "probe"
    pipeline_name = "Probe"
    pipeline_description = "Probe."
    modes = {"video": ModeDefaults(default=True)}
    gain: float = Field(default=1.0, ge=0.0, le=1.0)


class Fade(FilterPipeline[Config]):
    """Darkens by the number of frames seen since the reset, and notes when it was called."""

    config = Config

    def __init__(self, device=None, **load):
        super().__init__(device, **load)
        self.moments = []

    def on_reset(self):
        self.moments = []

    def process(self, frames, params, moment):
        self.moments.append(moment)
        self.grad = torch.is_inference_mode_enabled()
        return frames.mul_(params.gain)


class Counter(GeneratorPipeline[Config]):
    config = Config
    frame_rate = 10.0

    def generate(self, params, moment, prompt):
        return torch.full((1, 3, 2, 2), moment.seconds / 100)


class HandClock:
    """Stands for `time`: a wall clock moved by hand."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def wall(monkeypatch):
    hand = HandClock()
    monkeypatch.setattr(clock, "time", hand)
    return hand


def frames(count=1):
    return [torch.full((1, 2, 2, 3), 255, dtype=torch.uint8) for _ in range(count)]


def test_a_host_constructs_it_with_all_defaults_and_unknown_names():
    load = Config().model_dump(exclude_none=True) | {"vace_enabled": False, "seed": 3}
    assert float(Fade(**load)(video=frames())["video"].max()) == 1.0


def test_a_filter_asks_for_one_frame_and_takes_any_number():
    pipeline = Fade()
    assert pipeline.prepare(video=True) == Requirements(input_size=1)
    assert pipeline(video=frames(3))["video"].shape == (3, 2, 2, 3)


def test_runtime_parameters_are_read_with_every_call():
    pipeline = Fade(gain=0.5)
    results = [
        float(pipeline(video=frames(), **call)["video"].max()) for call in ({}, {"gain": 0.25}, {"gain": "x"}, {})
    ]
    assert results == [0.5, 0.25, 0.25, 0.5]


def test_a_reset_forgets_the_values_of_earlier_calls():
    pipeline = Fade(gain=0.5)
    calls = ({"gain": 0.25}, {"gain": "x"}, {"gain": "x", "init_cache": True})
    assert [float(pipeline(video=frames(), **call)["video"].max()) for call in calls] == [0.25, 0.25, 0.5]


def test_moments_count_frames_and_seconds_from_the_reset():
    pipeline = Fade()
    pipeline(video=frames(2), init_cache=True, frame_time=0.0)
    pipeline(video=frames(1), frame_time=0.2)
    assert [(m.index, m.seconds) for m in pipeline.moments] == [(0, 0.0), (2, 0.2)]
    pipeline(video=frames(1), init_cache=True, frame_time=0.3)
    assert [(m.index, m.seconds) for m in pipeline.moments] == [(0, 0.3)]


def test_without_frame_time_seconds_follow_the_wall_clock(wall):
    pipeline = Fade()
    pipeline(video=frames())
    wall.now += 2.5
    pipeline(video=frames())
    assert [m.seconds for m in pipeline.moments] == [0.0, 2.5]


def test_calls_run_in_inference_mode():
    pipeline = Fade()
    assert not pipeline(video=frames())["video"].requires_grad
    assert pipeline.grad


def test_a_filter_without_video_says_so():
    with pytest.raises(ValueError, match="probe: expected video input, got none; connect a source"):
        Fade()()


def test_offline_every_call_makes_a_frame_at_its_time():
    pipeline = Counter()
    values = [float(pipeline(frame_time=t)["video"].max()) * 100 for t in (0.0, 0.01, 0.02)]
    assert values == pytest.approx([0.0, 1e-2, 2e-2])


def test_live_a_generator_makes_frames_at_its_rate_however_often_it_is_called(wall):
    pipeline, made = Counter(), 0
    for _ in range(1000):
        made += "video" in pipeline()
        wall.now += 0.001
    assert made == 10


def test_live_a_slow_host_gets_a_frame_with_every_call_and_no_hurry_afterwards(wall):
    pipeline = Counter()
    for _ in range(5):
        assert "video" in pipeline()
        wall.now += 1.0
    assert "video" in pipeline()
    wall.now += 0.05
    assert pipeline() == {}


class Speaker(Counter):
    """Draws the length of the prompt in force."""

    def generate(self, params, moment, prompt):
        return torch.full((1, 3, 2, 2), len(prompt.text) / 100)


def test_a_reset_ends_a_transition():
    pipeline, old = Speaker(), {"prompts": ["one"]}
    to = {"transition": {"target_prompts": ["fourteen chars"]}}
    calls = (old, old | to, old, old | {"init_cache": True})
    lengths = [float(pipeline(frame_time=0.0, **call)["video"].max()) * 100 for call in calls]
    assert lengths == pytest.approx([3, 14, 14, 3])


def test_a_reset_starts_the_pace_of_a_generator_anew(wall):
    pipeline = Counter()
    assert "video" in pipeline()
    wall.now += 60.0
    assert "video" in pipeline()
    assert "video" in pipeline(init_cache=True)
    wall.now += 0.2
    assert "video" in pipeline()
