"""A chain offline: order, parameters a stage, what travels beside the picture, and losslessness."""

from typing import Any, cast

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope.runtime.faults import PipelineError
from scope.runtime.frames import Frame, Stamp
from scope.runtime.mailbox import Setting
from scope.runtime.offline import Session
from scope.runtime.stage import Conditions, Stage

OFFLINE = Conditions(rate=10.0)


def calls(stage: Stage) -> list[dict[str, Any]]:
    """The keywords of every call of the stage's pipeline."""
    return cast("Any", stage.pipeline).calls


def values(chunks):
    return [round(float(frame.mean()) * 255) for chunk in chunks for frame in chunk.video]


def test_stages_run_in_order_each_with_its_own_parameters(gain, ramp):
    first, second = Stage(gain(), OFFLINE), Stage(gain(), OFFLINE)
    first.mailbox.post({"gain": 2.0})
    assert values(Session([first, second]).transform(ramp(4))) == [0, 2, 4, 6]
    assert all("gain" not in call for call in calls(second))


def test_every_frame_comes_out_once_and_in_order_whatever_the_stages_gather(gain):
    @given(sizes=st.lists(st.integers(1, 7), min_size=1, max_size=3), count=st.integers(0, 40))
    def check(sizes, count):
        frames = [Frame(torch.full((1, 2, 2, 3), float(i)), Stamp(i / 10, i)) for i in range(count)]
        session = Session([Stage(gain(input_size=size), OFFLINE) for size in sizes])
        chunks = list(session.transform(frames))
        assert values(chunks) == list(range(count))
        assert [stamp for chunk in chunks for stamp in chunk.stamps] == [frame.stamp for frame in frames]

    check()


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_the_next_stage_gets_pixels_from_0_to_255_in_the_chosen_dtype(gain, ramp, dtype):
    conditions = Conditions(rate=10.0, frame_dtype=dtype)
    session = Session([Stage(gain(), conditions), Stage(gain(), conditions)])
    list(session.transform(ramp(3)))
    received = [call["video"][0] for call in calls(session.stages[1])]
    assert {frame.dtype for frame in received} == {getattr(torch, dtype)}
    assert [tuple(frame.shape) for frame in received] == [(1, 2, 2, 3)] * 3
    assert [float(frame.float().mean()) for frame in received] == pytest.approx([0.0, 1.0, 2.0])


def test_frames_are_gathered_until_a_call_is_full_and_the_last_are_filled_up(gain, ramp):
    session = Session([Stage(gain(input_size=4), OFFLINE)])
    assert values(session.transform(ramp(10))) == list(range(10))
    assert [len(call["video"]) for call in calls(session.stages[0])] == [4, 4, 4]
    assert [call["frame_time"] for call in calls(session.stages[0])] == [0.0, 0.4, 0.8]


def test_settings_take_effect_at_their_time_and_stay(gain, ramp):
    settings = [Setting(0.2, "gain", 0.0), Setting(0.0, "gain", 2.0)]
    assert values(Session([Stage(gain(), OFFLINE, settings=settings)]).transform(ramp(4))) == [0, 2, 0, 0]


def test_the_first_fault_ends_the_film(gain, ramp):
    session = Session([Stage(gain(answer=lambda _: 1 / 0), OFFLINE)])
    with pytest.raises(PipelineError, match="pipeline 'gain' failed in a call: ZeroDivisionError: division by zero"):
        list(session.transform(ramp(1)))


def test_a_frame_rate_stays_behind_a_postprocessor(gain):
    maker = gain(answer=lambda _: {"video": torch.ones(2, 2, 2, 3), "frame_rate": 16})
    session = Session([Stage(maker, OFFLINE, mode="text"), Stage(gain(), OFFLINE)])
    assert next(session.generate()).frame_rate == 16.0


def test_sound_goes_past_the_stages_behind_it(gain):
    answer = {"video": torch.ones(2, 2, 2, 3), "audio": torch.ones(1, 5), "audio_sample_rate": 50}
    session = Session([Stage(gain(answer=lambda _: answer), OFFLINE, mode="text"), Stage(gain(input_size=4), OFFLINE)])
    sound = next(session.generate()).sound
    assert sound is not None
    assert (tuple(sound.samples.shape), sound.rate) == ((1, 10), 50)


def test_extras_become_parameters_of_the_next_stage_only(gain, ramp):
    sender = gain(answer=lambda kw: {"video": kw["video"][0] / 255.0, "tempo": 120})
    stages = [Stage(sender, OFFLINE), Stage(gain(), OFFLINE), Stage(gain(), OFFLINE)]
    list(Session(stages).transform(ramp(2)))
    assert [call["tempo"] for call in calls(stages[1])] == [120, 120]
    assert all("tempo" not in call for call in calls(stages[2]))


def test_an_extra_that_is_a_port_stays_in_step_with_its_frames(gain, ramp):
    sender = gain(answer=lambda kw: {"video": kw["video"][0] / 255.0, "masks": kw["video"][0][..., :1] / 255.0})
    stages = [Stage(sender, OFFLINE), Stage(gain(input_size=3), OFFLINE)]
    list(Session(stages).transform(ramp(6)))
    masks = [(call["masks"] * 255).round()[:, 0, 0, 0].tolist() for call in calls(stages[1])]
    assert masks == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]


def test_a_generator_advances_time_by_the_frames_it_made(gain):
    maker = gain(answer=lambda kw: {"video": torch.full((2, 2, 2, 3), kw["frame_time"])})
    session = Session([Stage(maker, OFFLINE, mode="text"), Stage(gain(), OFFLINE)])
    chunks = session.generate()
    times = [next(chunks).stamps[0].time for _ in range(4)]
    assert times == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert [call["frame_time"] for call in maker.calls] == pytest.approx([0.0, 0.2])


def test_a_generator_that_is_switched_off_keeps_its_last_picture_and_its_state(gain):
    maker = gain(answer=lambda kw: {"video": torch.full((1, 2, 2, 3), kw["frame_time"])})
    switches = [(0.0, False), (0.2, True), (0.4, False), (0.6, True)]
    chunks = Session([Stage(maker, OFFLINE, mode="text", switches=switches), Stage(gain(), OFFLINE)]).generate()
    film = [next(chunks) for _ in range(8)]
    assert [float(chunk.video.mean()) for chunk in film] == pytest.approx([0, 0, 0.2, 0.3, 0.3, 0.3, 0.6, 0.7])
    assert [chunk.stamps[0].time for chunk in film] == pytest.approx([i / 10 for i in range(8)])
    assert [call["init_cache"] for call in maker.calls] == [True] + [False] * 4


def test_a_generator_that_is_switched_off_over_a_source_lets_it_by(gain, ramp):
    maker = gain(answer=lambda _: {"video": torch.full((1, 2, 2, 3), 0.5)})
    after = Stage(gain(), OFFLINE)
    after.mailbox.post({"gain": 2.0})
    switches = [(0.0, False), (0.2, True), (0.4, False)]
    source = ramp(8)
    chunks = Session([Stage(maker, OFFLINE, mode="text", switches=switches), after]).generate(
        below=lambda time: source[round(time * 10)]
    )
    film = [next(chunks) for _ in range(6)]
    assert values(film) == [0, 2, 255, 255, 8, 10]
    assert [chunk.stamps[0].time for chunk in film] == pytest.approx([i / 10 for i in range(6)])
    assert len(maker.calls) == 2


def test_a_generator_that_is_switched_off_is_silent(gain):
    answer = {"video": torch.ones(1, 2, 2, 3), "audio": torch.ones(1, 5), "audio_sample_rate": 50}
    maker = Stage(gain(answer=lambda _: answer), OFFLINE, mode="text", switches=[(0.1, False)])
    chunks = Session([maker]).generate()
    sounds = [next(chunks).sound for _ in range(2)]
    assert [sound.samples.sum().item() for sound in sounds if sound] == [5.0, 0.0]
    assert sounds[1] is not None
    assert sounds[1].samples.shape == (1, 5)


def test_a_generator_that_has_nothing_yet_is_asked_again(gain):
    answers = iter([{}, {}, {"video": torch.ones(1, 2, 2, 3)}])
    maker = gain(answer=lambda _: next(answers))
    next(Session([Stage(maker, OFFLINE, mode="text")]).generate())
    assert [call["frame_time"] for call in maker.calls] == [0.0, 0.0, 0.0]


def test_a_generator_that_never_makes_a_frame_is_an_error(gain, monkeypatch):
    monkeypatch.setattr("scope.runtime.offline.PATIENCE_SECONDS", 0.05)
    session = Session([Stage(gain(answer=lambda _: {}), OFFLINE, mode="text")])
    with pytest.raises(PipelineError, match=r"'gain' made no frame for 0\.05 seconds"):
        next(session.generate())


def test_the_same_frames_give_the_same_film(gain, ramp):
    def film():
        return torch.cat([c.video for c in Session([Stage(gain(input_size=3), OFFLINE)]).transform(ramp(8))])

    assert torch.equal(film(), film())
