"""One stage: how it gathers, what it calls with, and what it does when the pipeline fails."""

import logging
from typing import Any, cast

import pytest
import torch

from scope.runtime.build import construct
from scope.runtime.faults import PipelineError
from scope.runtime.frames import Frame
from scope.runtime.stage import Conditions, Setting, Stage

OFFLINE = Conditions(rate=10.0, pipeline_ids=["gain"])
LIVE = Conditions(rate=10.0, live=True)


def calls(stage: Stage) -> list[dict[str, Any]]:
    """The keywords of every call of the stage's pipeline."""
    return cast("Any", stage.pipeline).calls


def values(chunks):
    return [round(float(frame.mean()) * 255) for chunk in chunks for frame in chunk.video]


def test_a_call_gets_only_what_was_set_and_what_the_host_adds(gain, ramp):
    stage = Stage(gain(), OFFLINE)
    list(stage.feed(ramp(1)))
    call = calls(stage)[0]
    assert call.keys() == {"init_cache", "input_mode", "pipeline_ids", "frame_time", "video"}
    assert (call["init_cache"], call["input_mode"], call["pipeline_ids"]) == (True, "video", ["gain"])


def test_live_calls_have_no_frame_time(gain, ramp):
    stage = Stage(gain(), LIVE)
    list(stage.feed(ramp(1)))
    assert "frame_time" not in calls(stage)[0]


def test_init_cache_is_true_once_and_again_after_a_reset(gain, ramp):
    stage = Stage(gain(), OFFLINE)
    list(stage.feed(ramp(2)))
    stage.set("reset_cache", True)
    list(stage.feed(ramp(2)))
    assert [call["init_cache"] for call in calls(stage)] == [True, False, True, False]
    assert all("reset_cache" not in call for call in calls(stage))


def test_init_cache_stays_true_until_a_call_succeeds(gain, ramp):
    outcomes = iter([RuntimeError("not yet"), None, None])

    def answer(kwargs):
        error = next(outcomes)
        if error:
            raise error
        return {"video": torch.zeros(1, 2, 2, 3)}

    stage = Stage(gain(answer=answer), LIVE)
    list(stage.feed(ramp(3)))
    assert [call["init_cache"] for call in calls(stage)] == [True, True, False]


def test_frames_are_gathered_until_a_call_is_full(gain, ramp):
    stage = Stage(gain(input_size=4), OFFLINE)
    assert list(stage.feed(ramp(3))) == []
    chunks = list(stage.feed(ramp(10)[3:]))
    assert [len(call["video"]) for call in calls(stage)] == [4, 4]
    assert values(chunks) == [0, 1, 2, 3, 4, 5, 6, 7]


def test_the_last_frames_are_filled_up_and_the_surplus_is_cut(gain, ramp):
    stage = Stage(gain(input_size=4), OFFLINE)
    chunks = list(stage.feed(ramp(10), last=True))
    assert values(chunks) == list(range(10))
    assert [len(call["video"]) for call in calls(stage)] == [4, 4, 4]


def test_frame_time_is_that_of_the_first_frame_of_the_call(gain, ramp):
    stage = Stage(gain(input_size=4), OFFLINE)
    list(stage.feed(ramp(8)))
    assert [call["frame_time"] for call in calls(stage)] == [0.0, 0.4]


def test_a_pipeline_that_returns_more_or_fewer_frames_gets_times_in_between(gain, ramp):
    stage = Stage(gain(input_size=2, answer=lambda _: {"video": torch.zeros(4, 2, 2, 3)}), OFFLINE)
    (chunk,) = stage.feed(ramp(2))
    assert chunk.times == pytest.approx([0.0, 0.05, 0.1, 0.15])


def test_settings_take_effect_at_their_time_and_stay(gain, ramp):
    settings = [Setting(0.2, "gain", 0.0), Setting(0.0, "gain", 2.0)]
    stage = Stage(gain(), OFFLINE, settings=settings)
    assert values(stage.feed(ramp(4))) == [0, 2, 0, 0]


def test_a_transition_is_sent_once(gain, ramp):
    stage = Stage(gain(), OFFLINE)
    stage.set("transition", {"num_steps": 4})
    stage.set("gain", 1.0)
    list(stage.feed(ramp(2)))
    assert ["transition" in call for call in calls(stage)] == [True, False]
    assert ["gain" in call for call in calls(stage)] == [True, True]


def test_calls_run_without_gradients(gain, ramp):
    seen = []

    def answer(kwargs):
        seen.append(torch.is_grad_enabled())
        return {}

    list(Stage(gain(answer=answer), OFFLINE).feed(ramp(1)))
    assert seen == [False]


def test_frames_of_several_sizes_reach_the_pipeline_as_they_are(gain):
    stage = Stage(gain(input_size=2, answer=lambda _: {"video": torch.zeros(2, 2, 2, 3)}), OFFLINE)
    list(stage.feed([Frame(torch.zeros(1, 2, 2, 3), 0.0), Frame(torch.zeros(1, 4, 6, 3), 0.1)]))
    assert [tuple(frame.shape) for frame in calls(stage)[0]["video"]] == [(1, 2, 2, 3), (1, 4, 6, 3)]


@pytest.mark.parametrize("size", [0, -1, 31])
def test_a_requirement_that_cannot_be_met_is_refused(gain, ramp, size):
    stage = Stage(gain(input_size=size), OFFLINE)
    with pytest.raises(
        PipelineError, match=rf"'gain' must ask for 1 to 30 frames in prepare\(\), got input_size={size}"
    ):
        list(stage.feed(ramp(1)))


def test_offline_an_exception_ends_the_film_with_its_cause(gain, ramp):
    stage = Stage(gain(answer=lambda _: 1 / 0), OFFLINE)
    with pytest.raises(PipelineError, match="pipeline 'gain' failed in a call: ZeroDivisionError: division by zero"):
        list(stage.feed(ramp(1)))


def test_offline_a_wrong_tensor_ends_the_film(gain, ramp):
    stage = Stage(gain(answer=lambda _: {"video": torch.zeros(2, 2, 3)}), OFFLINE)
    with pytest.raises(PipelineError, match="looks like HWC"):
        list(stage.feed(ramp(1)))


def test_live_a_fault_is_bypassed_logged_once_and_counted(gain, ramp, caplog):
    stage = Stage(gain(answer=lambda _: 1 / 0), LIVE)
    with caplog.at_level(logging.ERROR):
        assert values(stage.feed(ramp(200))) == list(range(200))
    assert len(caplog.records) == 1
    assert stage.faults.summary()[0].endswith("(200 times)")


def test_live_the_effect_returns_when_the_pipeline_recovers(gain, ramp):
    def answer(kwargs):
        if float(kwargs["video"][0].mean()) < 2:
            raise RuntimeError("warming up")
        return {"video": torch.ones(1, 2, 2, 3)}

    assert values(Stage(gain(answer=answer), LIVE).feed(ramp(4))) == [0, 1, 255, 255]


def test_out_of_memory_says_what_to_lower(gain, ramp):
    def answer(kwargs):
        raise torch.OutOfMemoryError("tried to allocate 99 GiB")

    with pytest.raises(PipelineError, match=r"ran out of GPU memory; lower the size.*99 GiB"):
        list(Stage(gain(answer=answer), OFFLINE).feed(ramp(1)))


def test_a_generator_has_times_after_its_own_frame_rate(gain):
    stage = Stage(gain(answer=lambda _: {"video": torch.zeros(3, 2, 2, 3), "frame_rate": 20}), OFFLINE, mode="text")
    chunk = stage.generate(1.0)
    assert chunk is not None
    assert chunk.times == pytest.approx([1.0, 1.05, 1.1])
    assert chunk.frame_rate == 20.0
    assert calls(stage)[0]["input_mode"] == "text"
    assert "video" not in calls(stage)[0]


def test_construction_passes_defaults_then_load_parameters(gain):
    pipeline: Any = construct(gain, {"height": 99, "unknown": 1})
    assert pipeline.load["height"] == 99
    assert pipeline.load["width"] == 512
    assert pipeline.load["unknown"] == 1
    assert pipeline.load["tags"] == []
    assert "noise_scale" not in pipeline.load


def test_a_constructor_that_fails_is_shown_with_its_reason(gain):
    class Broken(gain):
        def __init__(self, **load):
            raise FileNotFoundError("no weights in models/")

    with pytest.raises(PipelineError, match="'gain' could not be loaded: FileNotFoundError: no weights in models/"):
        construct(Broken)
