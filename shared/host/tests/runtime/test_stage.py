"""One stage: what it asks for, what it calls with, and what comes back when the pipeline fails."""

from typing import Any, cast

import pytest
import torch

from scope.runtime.faults import PipelineError
from scope.runtime.frames import Chunk, Frame, Stamp, passed
from scope.runtime.stage import Conditions, Stage

OFFLINE = Conditions(rate=10.0, pipeline_ids=["gain"])
LIVE = Conditions(rate=10.0, live=True)


def calls(stage: Stage) -> list[dict[str, Any]]:
    """The keywords of every call of the stage's pipeline."""
    return cast("Any", stage.pipeline).calls


def call(stage: Stage, frames: list[Frame], **options: int) -> Chunk:
    """One call that gives a chunk."""
    chunk = stage.call(frames, frames[0].time if frames else 0.0, **options)
    assert chunk is not None
    return chunk


def values(chunk: Chunk) -> list[int]:
    return [round(float(frame.mean()) * 255) for frame in chunk.video]


def failing(error: Exception):
    """What a pipeline that raises does."""

    def answer(kwargs):
        raise error

    return answer


def test_a_call_gets_only_what_was_set_and_what_the_host_adds(gain, ramp):
    stage = Stage(gain(), OFFLINE)
    call(stage, ramp(1))
    keywords = calls(stage)[0]
    assert keywords.keys() == {"init_cache", "input_mode", "pipeline_ids", "frame_time", "video"}
    assert (keywords["init_cache"], keywords["input_mode"], keywords["pipeline_ids"]) == (True, "video", ["gain"])


def test_live_calls_have_no_frame_time(gain, ramp):
    stage = Stage(gain(), LIVE)
    call(stage, ramp(1))
    assert "frame_time" not in calls(stage)[0]


def test_what_holds_for_one_call_lies_over_the_parameters_and_is_gone_after_it(gain, ramp):
    asked = []

    def per_call(node, values, time, film):
        asked.append((node, dict(values), time))
        return {"gain": 0.5, "bpm": 120} if time < 0.1 else {}

    stage = Stage(gain(), Conditions(rate=10.0, per_call=per_call), node="gain-2")
    stage.mailbox.post({"gain": 2.0})
    for frame in ramp(2):
        call(stage, [frame])
    assert asked == [("gain-2", {"gain": 2.0}, 0.0), ("gain-2", {"gain": 2.0}, 0.1)]
    assert [keywords["gain"] for keywords in calls(stage)] == [0.5, 2.0]
    assert ["bpm" in keywords for keywords in calls(stage)] == [True, False]


@pytest.mark.parametrize(
    ("declared", "asked", "received"),
    [("uint8", None, torch.uint8), ("float32", None, torch.float32), ("float32", "uint8", torch.uint8)],
)
def test_frames_arrive_in_the_dtype_that_the_schema_or_the_user_says(gain, ramp, declared, asked, received):
    class Declares(gain.get_config_class()):
        frame_dtype = declared

    class Pipeline(gain):
        @classmethod
        def get_config_class(cls):
            return Declares

    stage = Stage(Pipeline(), Conditions(rate=10.0, frame_dtype=asked))
    call(stage, [Frame(torch.full((1, 2, 2, 3), 0.6), Stamp(0.0))])
    (frame,) = calls(stage)[0]["video"]
    assert frame.dtype == received
    assert float(frame.float().mean()) == pytest.approx(1.0 if received == torch.uint8 else 0.6)


def test_init_cache_is_true_once_and_again_after_a_reset(gain, ramp):
    stage = Stage(gain(), OFFLINE)
    for reset in (False, False, True, False):
        stage.mailbox.post({"reset_cache": reset})
        call(stage, ramp(1))
    assert [keywords["init_cache"] for keywords in calls(stage)] == [True, False, True, False]
    assert all("reset_cache" not in keywords for keywords in calls(stage))


def test_init_cache_stays_true_until_a_call_succeeds(gain, ramp):
    stage = Stage(gain(answer=failing(RuntimeError("not yet"))), LIVE)
    with pytest.raises(PipelineError, match="not yet"):
        call(stage, ramp(1))
    cast("Any", stage.pipeline).answer = None
    call(stage, ramp(1))
    call(stage, ramp(1))
    assert [keywords["init_cache"] for keywords in calls(stage)] == [True, True, False]


def test_a_transition_that_arrives_during_a_call_goes_to_the_next(gain, ramp):
    def answer(kwargs):
        if len(calls(stage)) == 1:
            stage.mailbox.post({"transition": {"num_steps": 4}})
        return {"video": torch.zeros(1, 2, 2, 3)}

    stage = Stage(gain(answer=answer), OFFLINE)
    for _ in range(3):
        call(stage, ramp(1))
    assert ["transition" in keywords for keywords in calls(stage)] == [False, True, False]


def test_a_transition_whose_call_raises_is_not_sent_again(gain, ramp):
    stage = Stage(gain(answer=failing(RuntimeError("bad transition"))), LIVE)
    stage.mailbox.post({"transition": {"num_steps": 4}, "gain": 1.0})
    for _ in range(2):
        with pytest.raises(PipelineError):
            call(stage, ramp(1))
    assert ["transition" in keywords for keywords in calls(stage)] == [True, False]
    assert ["gain" in keywords for keywords in calls(stage)] == [True, True]


def test_the_need_is_what_prepare_says_and_none_in_text_mode(gain):
    assert Stage(gain(input_size=4), OFFLINE).need() == 4
    assert Stage(gain(input_size=4), OFFLINE, mode="text").need() == 0


@pytest.mark.parametrize("size", [0, -1, 31])
def test_a_requirement_that_cannot_be_met_is_refused(gain, size):
    message = rf"'gain' must ask for 1 to 30 frames in prepare\(\), got input_size={size}"
    with pytest.raises(PipelineError, match=message):
        Stage(gain(input_size=size), OFFLINE).need()


def test_missing_frames_repeat_the_last_and_the_surplus_is_cut(gain, ramp):
    stage = Stage(gain(input_size=4), OFFLINE)
    assert values(call(stage, ramp(3), short=1)) == [0, 1, 2]
    assert [float(frame.mean()) for frame in calls(stage)[0]["video"]] == [0, 1, 2, 2]


def test_more_or_fewer_frames_get_times_in_between_and_the_numbers_of_their_sources(gain, ramp):
    stage = Stage(gain(answer=lambda _: {"video": torch.zeros(4, 2, 2, 3)}), OFFLINE)
    chunk = call(stage, ramp(2))
    assert [stamp.time for stamp in chunk.stamps] == pytest.approx([0.0, 0.05, 0.1, 0.15])
    assert [stamp.sequence for stamp in chunk.stamps] == [0, 0, 1, 1]


def test_a_generator_has_times_and_numbers_after_its_own_frame_rate(gain):
    stage = Stage(gain(answer=lambda _: {"video": torch.zeros(3, 2, 2, 3), "frame_rate": 20}), OFFLINE, mode="text")
    first, second = stage.call([], 1.0), stage.call([], 2.0)
    assert first is not None
    assert second is not None
    assert [stamp.time for stamp in first.stamps] == pytest.approx([1.0, 1.05, 1.1])
    assert [stamp.sequence for stamp in second.stamps] == [3, 4, 5]
    assert first.frame_rate == 20.0
    assert calls(stage)[0]["input_mode"] == "text"
    assert "video" not in calls(stage)[0]


def test_live_what_a_generator_makes_is_captured_when_it_is_made(gain):
    stage = Stage(gain(answer=lambda _: {"video": torch.zeros(1, 2, 2, 3)}), LIVE, mode="text")
    chunk = stage.call([], 0.0)
    assert chunk is not None
    assert chunk.stamps[0].captured is not None


def test_the_frame_rate_of_a_pipeline_before_stays(gain, ramp):
    frames = [Frame(frame.pixels, frame.stamp, frame_rate=16.0) for frame in ramp(1)]
    assert call(Stage(gain(), OFFLINE), frames).frame_rate == 16.0


def test_sound_comes_as_channels_by_samples(gain, ramp):
    answer = {"video": torch.zeros(1, 2, 2, 3), "audio": torch.full((8,), 2.0), "audio_sample_rate": 80}
    chunk = call(Stage(gain(answer=lambda _: answer), OFFLINE), ramp(1))
    assert chunk.sound is not None
    assert (chunk.sound.samples.tolist(), chunk.sound.rate) == ([[1.0] * 8], 80)
    assert chunk.extras == {}


@pytest.mark.parametrize(
    ("audio", "rate", "message"),
    [
        ([0.0], 80, r"expected 'audio' as a float tensor \(1 or 2 channels, N\) in \[-1, 1\], got list"),
        (torch.zeros(8), None, "expected 'audio_sample_rate' beside 'audio', in samples a second, got None"),
    ],
)
def test_unusable_sound_is_refused_in_words(gain, ramp, audio, rate, message):
    answer = {"video": torch.zeros(1, 2, 2, 3), "audio": audio, "audio_sample_rate": rate}
    with pytest.raises(PipelineError, match=message):
        call(Stage(gain(answer=lambda _: answer), OFFLINE), ramp(1))


def test_sound_that_changes_its_rate_is_refused(gain, ramp):
    rates = iter([80, 90])
    answer = {"video": torch.zeros(1, 2, 2, 3), "audio": torch.zeros(1, 8)}
    stage = Stage(gain(answer=lambda _: {**answer, "audio_sample_rate": next(rates)}), OFFLINE)
    call(stage, ramp(1))
    with pytest.raises(
        PipelineError, match="expected sound with 1 channels and 80 samples a second as before, got 1 and"
    ):
        call(stage, ramp(1))


def test_calls_run_without_gradients(gain, ramp):
    seen = []

    def answer(kwargs):
        seen.append(torch.is_grad_enabled())
        return {}

    assert Stage(gain(answer=answer), OFFLINE).call(ramp(1), 0.0) is None
    assert seen == [False]


def test_frames_of_several_sizes_reach_the_pipeline_as_they_are(gain):
    stage = Stage(gain(answer=lambda _: {"video": torch.zeros(2, 2, 2, 3)}), OFFLINE)
    call(stage, [Frame(torch.zeros(1, 2, 2, 3), Stamp(0.0)), Frame(torch.zeros(1, 4, 6, 3), Stamp(0.1))])
    assert [tuple(frame.shape) for frame in calls(stage)[0]["video"]] == [(1, 2, 2, 3), (1, 4, 6, 3)]


def test_an_exception_is_raised_with_its_cause_and_place(gain, ramp):
    stage = Stage(gain(answer=lambda _: 1 / 0), OFFLINE, node="gain-2")
    with pytest.raises(
        PipelineError, match="pipeline 'gain-2' failed in a call: ZeroDivisionError: division"
    ) as caught:
        call(stage, ramp(1))
    assert (caught.value.kind, caught.value.place[:14]) == ("call", "test_stage.py:")


def test_a_wrong_tensor_is_raised(gain, ramp):
    stage = Stage(gain(answer=lambda _: {"video": torch.zeros(2, 2, 3)}), OFFLINE)
    with pytest.raises(PipelineError, match="looks like HWC"):
        call(stage, ramp(1))


def test_nan_is_black_and_its_frames_are_counted(gain, ramp):
    video = torch.ones(3, 2, 2, 3)
    video[1:, 0, 0, 0] = torch.nan
    stage = Stage(gain(answer=lambda _: {"video": video}), OFFLINE)
    chunk = call(stage, ramp(3))
    assert chunk.video[1, 0, 0].tolist() == [0.0, 1.0, 1.0]
    assert stage.faults.count("nan") == 2


def test_nan_is_an_error_where_it_shall_be(gain, ramp):
    answer = {"video": torch.full((1, 2, 2, 3), torch.nan)}
    stage = Stage(gain(answer=lambda _: answer), Conditions(rate=10.0, strict=True))
    with pytest.raises(PipelineError, match=r"expected finite values in \[0, 1\], got NaN"):
        call(stage, ramp(1))


def test_live_values_out_of_range_are_clamped_and_counted(gain, ramp):
    stage = Stage(gain(answer=lambda _: {"video": torch.full((1, 2, 2, 3), 255.0)}), LIVE)
    assert values(call(stage, ramp(1))) == [255]
    assert stage.faults.count("range") == 1


def test_live_the_range_is_read_ten_times_and_then_every_thirtieth_call(gain, ramp):
    stage = Stage(gain(answer=lambda _: {"video": torch.full((1, 2, 2, 3), 255.0)}), LIVE)
    for _ in range(90):
        call(stage, ramp(1))
    assert stage.faults.count("range") == 10 + 3


def test_out_of_memory_says_what_to_lower(gain, ramp):
    stage = Stage(gain(answer=failing(torch.OutOfMemoryError("tried to allocate 99 GiB"))), OFFLINE)
    with pytest.raises(PipelineError, match=r"ran out of GPU memory; lower the size.*99 GiB") as caught:
        call(stage, ramp(1))
    assert caught.value.kind == "memory"


def test_frames_that_pass_a_resting_stage_stay_what_they_are(ramp):
    frames = [Frame(frame.pixels, frame.stamp, frame_rate=16.0) for frame in ramp(3)]
    chunk = passed(frames)
    assert (values(chunk), [stamp.sequence for stamp in chunk.stamps], chunk.frame_rate) == ([0, 1, 2], [0, 1, 2], 16.0)
