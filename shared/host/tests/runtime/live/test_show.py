"""A live show: frames through a chain that is edited, tuned, paused and broken while it plays."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from scope.runtime.observer import Posted
from scope.runtime.outlet import IN, OUT
from scope.runtime.show import UnknownNodeError


def ignored(posted: Posted, number: int | None) -> None:
    """An answer that nobody waits for."""


def test_frames_run_through_every_stage(rig, part):
    rig.play(part("a", add=20), part("b", add=3))
    rig.shows(123, fed=100)


def test_an_empty_show_passes_its_input(rig):
    rig.play()
    rig.shows(77, fed=77)


def test_two_of_a_kind_move_independently(rig, part):
    rig.play(part("fx", add=10), part("fx-2", add=20))
    rig.shows(30)
    rig.show.post("fx-2", {"add": 50}, ignored)
    rig.shows(60)


def test_a_change_is_answered_with_the_first_picture_that_shows_it(rig, part, wait_until):
    rig.play(part("a"), part("b"))
    rig.shows(5, fed=5)
    answers = []
    rig.show.post("a", {"add": 40, "wait": "long"}, lambda *answer: answers.append(answer))
    wait_until(lambda: rig.feed(5) or answers)
    posted, number = answers[0]
    assert posted.values == {"add": 40}
    assert posted.refused == {"wait": "expected a number from 0 to 10, got 'long'"}
    values = rig.record.values()
    assert values[number - 1] == 45
    assert 45 not in values[: number - 1]


def test_a_change_that_no_picture_shows_is_answered_without_one(rig, part):
    rig.play(part("a", on=False))
    answers = []
    rig.show.post("a", {"add": 40}, lambda *answer: answers.append(answer))
    assert answers == [(Posted({"add": 40}, {}), None)]


def test_an_unknown_stage_is_named_with_those_there_are(rig, part):
    rig.play(part("a"), part("b"))
    with pytest.raises(UnknownNodeError, match=r"no stage 'c' in this show \(a > b\)"):
        rig.show.post("c", {}, ignored)


def test_edits_keep_every_instance_that_stays(rig, part, instances):
    rig.play(part("a", add=1), part("b", add=2))
    rig.shows(3)
    rig.play(part("b", add=2), part("c", add=4), part("a", add=1))
    rig.shows(7)
    assert len(instances) == 3
    assert all(call["init_cache"] is (i == 0) for one in instances for i, call in enumerate(one.calls))
    rig.play(part("c", add=4))
    rig.shows(4)
    rig.play(part("c", add=4), part("b", add=2))
    rig.shows(6)
    assert len(instances) == 3


def test_a_stage_that_is_off_lets_frames_by_and_keeps_its_instance(rig, part, instances):
    rig.play(part("a", add=1), part("b", add=2))
    rig.play(part("a", add=1), part("b", add=2, on=False))
    rig.shows(1)
    rig.play(part("a", add=1), part("b", add=2))
    rig.shows(3)
    assert len(instances) == 2


def test_the_same_document_again_changes_nothing(rig, part, instances):
    rig.play(part("a", add=1))
    rig.shows(1)
    calls = len(instances[0].calls)
    rig.play(part("a", add=1))
    rig.shows(1)
    assert len(instances) == 1
    assert not any(call["init_cache"] for call in instances[0].calls[calls:])


def test_a_value_that_a_document_no_longer_sets_goes_back_to_its_default(rig, part):
    rig.play(part("a", add=9))
    rig.shows(9)
    rig.play(part("a"))
    rig.shows(0)


def test_a_reload_plays_the_old_instance_until_the_new_one_is_there(rig, part, instances):
    rig.play(part("a", add=9))
    rig.shows(9)
    rig.play(part("a", load={"base_seed": 7}, add=9))
    rig.shows(9)
    assert [one.load["base_seed"] for one in instances] == [42, 7]
    assert all(value == 9 for value in rig.record.values())


def test_a_reload_that_fails_leaves_the_old_instance_and_says_why(rig, part):
    rig.play(part("a", add=9))
    rig.play(part("a", load={"fail_load": True}, add=9))
    assert "pipeline 'a' could not be loaded: OSError: weights are missing" in rig.faults()[0]
    rig.shows(9)


def test_a_pipeline_that_cannot_be_loaded_costs_only_itself(rig, part):
    rig.play(part("a", load={"fail_load": True}), part("b", add=2))
    rig.shows(2)


def test_a_stage_that_cannot_say_what_it_needs_is_called_with_one_frame(rig, part):
    rig.play(part("a", add=3, trouble="need"))
    rig.shows(3)
    assert "must ask for 1 to 30 frames in prepare(), got 'many'" in rig.faults()[0]


def test_a_constructor_that_would_end_the_loader_costs_only_its_stage(rig, part):
    rig.play(part("a", load={"end_load": True}), part("b", add=2))
    rig.shows(2)
    assert "pipeline 'a' could not be loaded: KeyboardInterrupt" in rig.faults()[0]
    rig.play(part("c", add=3))
    rig.shows(3)


def test_what_an_instance_cannot_say_of_its_choice_is_left_out(rig, part, monkeypatch):
    chosen = []
    monkeypatch.setattr(rig.record, "ready", lambda nodes: chosen.append(nodes) or rig.record.heard.append(("ready",)))
    rig.play(part("a"), part("b", load={"hide_choice": True}))
    assert chosen[-1] == {"a": {"vae": "small"}, "b": {}}
    assert "pipeline 'b' cannot say what it chose: RuntimeError: who knows" in rig.faults()[0]


def test_keys_that_are_no_names_reach_nobody(rig, part, instances):
    rig.play(part("a", trouble="keys"), part("b", load={"size": 1}))
    rig.shows(255)
    assert rig.faults() == []


def test_a_pause_keeps_the_picture_and_takes_parameters(rig, part, instances):
    rig.play(part("a"))
    rig.shows(0)
    rig.show.pause(True)
    with instances_at_rest(instances):
        rig.feed(0, count=5)
        rig.show.post("a", {"add": 8}, ignored)
    rig.show.pause(False)
    rig.shows(8)


@contextmanager
def instances_at_rest(instances) -> Generator[None]:
    """No instance is called inside the block, after the call that may still run."""
    time.sleep(0.05)
    calls = [len(one.calls) for one in instances]
    yield
    time.sleep(0.05)
    assert [len(one.calls) for one in instances] == calls


def test_a_show_that_nobody_looks_at_idles_and_wakes_with_the_first_viewer(rig, part, instances, monkeypatch):
    monkeypatch.setattr("scope.runtime.demand.IDLE_SECONDS", 0.05)
    rig.play(part("a", mode="text", add=6))
    rig.show.watch({})
    time.sleep(0.1)
    assert rig.show.idle
    with instances_at_rest(instances):
        rig.feed(0, count=3)
    rig.show.watch({OUT: 30.0})
    rig.shows(6)


def test_a_reset_restarts_one_stage_or_all(rig, part, instances, wait_until):
    rig.play(part("a"), part("b"))
    rig.shows(0)
    starts = [[call["init_cache"] for call in one.calls].count(True) for one in instances]
    assert starts == [1, 1]

    def resets(first: int, second: int):
        rig.feed()
        return [[call["init_cache"] for call in one.calls].count(True) for one in instances] == [first, second]

    rig.show.reset("b")
    wait_until(lambda: resets(1, 2))
    rig.show.reset()
    wait_until(lambda: resets(2, 3))


def test_a_generator_is_called_no_more_often_than_viewers_take(rig, part, instances, wait_until):
    rig.show.watch({OUT: 20.0, IN: 90.0})
    rig.play(part("a", mode="text", add=6))
    wait_until(lambda: len(instances[0].calls) > 1)
    before, start = len(instances[0].calls), time.monotonic()
    time.sleep(0.5)
    assert len(instances[0].calls) - before <= (time.monotonic() - start) * 20 + 2


def test_a_generator_with_nothing_yet_is_asked_again(rig, part, instances, wait_until):
    rig.play(part("a", mode="text", add=6, trouble="nothing"))
    wait_until(lambda: len(instances[0].calls) > 3)
    assert rig.record.shown == []
    rig.show.post("a", {"trouble": ""}, ignored)
    rig.shows(6)


def test_the_frames_of_a_chunk_are_shown_one_after_the_other(rig, part, wait_until):
    rig.play(part("a", mode="text", load={"size": 8}, add=6), part("b", add=1))
    wait_until(lambda: len(rig.record.shown) >= 40)
    gaps = [after - before for before, after in zip(rig.record.times[8:], rig.record.times[9:], strict=False)]
    assert sum(gap > 0.005 for gap in gaps) > len(gaps) / 2, "frames of a chunk came in a burst"


def test_the_sound_of_a_later_stage_replaces_that_of_an_earlier_one(rig, part):
    rig.play(part("a", add=10, trouble="sound"), part("b"))
    rig.shows(10)
    assert set(rig.record.sounds) == {10}
    rig.show.post("b", {"add": 20, "trouble": "sound"}, ignored)
    rig.shows(30)
    rig.record.sounds.clear()
    rig.record.shown.clear()
    rig.shows(30)
    assert set(rig.record.sounds) == {20}
    assert rig.show.sounds
    rig.play(part("c"))
    rig.shows(7, fed=7)
    assert not rig.show.sounds


@pytest.mark.parametrize("trouble", ["raise", "exit", "interrupt", "layout"])
def test_a_faulty_stage_passes_its_input_says_so_and_recovers(rig, part, trouble):
    words = {
        "raise": "failed in a call: ValueError: the lens is dirty",
        "exit": "tried to end the program in a call: SystemExit: 3",
        "interrupt": "failed in a call: KeyboardInterrupt",
        "layout": "looks like HWC; add the time axis with unsqueeze(0)",
    }
    rig.play(part("a", add=1), part("b", add=50, trouble=trouble))
    rig.shows(1)
    assert words[trouble] in rig.faults()[0]
    rig.show.post("b", {"trouble": ""}, ignored)
    rig.shows(51)
    assert ("cleared", "b") in rig.record.heard


def test_after_ten_faults_in_a_row_a_stage_rests(rig, part, instances, wait_until):
    rig.play(part("a", trouble="raise"))
    wait_until(lambda: rig.feed() or any(event[0] == "fault" and event[4] for event in rig.record.heard))
    assert [event[4] for event in rig.record.heard if event[0] == "fault"] == [None] * 9 + [1.0]
    calls = len(instances[0].calls)
    rig.feed(0, count=20)
    assert len(instances[0].calls) == calls == 10


def test_out_of_memory_drops_the_chunk_and_stops_until_something_changes(rig, part, instances, wait_until):
    rig.play(part("a", trouble="memory"))
    wait_until(lambda: rig.feed() or rig.faults())
    assert "ran out of GPU memory" in rig.faults()[0]
    rig.shows(3, fed=3)
    assert len(instances[0].calls) == 1
    rig.show.post("a", {"trouble": "", "add": 4}, ignored)
    rig.shows(4)


def test_an_overloaded_stage_drops_frames_instead_of_falling_behind(rig, part, wait_until):
    rig.play(part("a", wait=0.03))
    start = time.monotonic()
    while time.monotonic() - start < 1.0:
        rig.feed()
        time.sleep(0.005)
    steps, ages = rig.show.figures(1.0)
    assert steps["a"].dropped > 50
    assert 0 < ages.p95 < 30 * 6 * 3, "a frame waited for more than a few calls"
    wait_until(lambda: len(rig.record.shown) > 5)


def test_taps_show_the_input_and_what_is_behind_a_stage(rig, part, wait_until):
    rig.play(part("a", add=10), part("b", add=5))
    rig.show.watch({OUT: 100.0, IN: 100.0, "a": 100.0})
    wait_until(lambda: rig.feed(1) or {name for name, _ in rig.record.shown} == {OUT, IN, "a"})
    assert set(rig.record.values(IN)) == {1}
    assert set(rig.record.values("a")) == {11}


def test_ten_thousand_changes_arrive_as_the_last_one_and_each_is_answered(rig, part, instances, wait_until):
    rig.play(part("a"))
    answers = []
    for i in range(10_000):
        rig.show.post("a", {"add": i % 100}, lambda posted, number: answers.append(posted))
    rig.shows(99)
    wait_until(lambda: rig.feed() or len(answers) == 10_000)
    assert len(instances[0].calls) < 10_000


def test_a_prompt_reaches_pipelines_in_both_ways(rig, part, instances, wait_until):
    rig.play(part("a", prompts=[{"text": "a fox", "weight": 1.0}]))
    wait_until(lambda: rig.feed() or instances[0].calls)
    assert instances[0].calls[0]["prompt"] == "a fox"
    rig.show.post("a", {"prompt": "an owl"}, ignored)
    wait_until(lambda: rig.feed() or instances[0].calls[-1]["prompts"] == [{"text": "an owl", "weight": 1.0}])


def test_a_show_leaves_no_thread_behind(rig, part):
    rig.play(part("a"), part("b"))
    names = {"scope:loader:show", "scope:outlet:show"}
    assert names < scope_threads()
    assert rig.show.stop()
    assert not scope_threads()


def scope_threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("scope:")}


def test_who_looks_at_a_paused_show_sees_every_tap(rig, part):
    rig.play(part("a", add=3))
    rig.shows(8, fed=5)
    rig.show.pause(True)
    rig.record.shown.clear()
    rig.show.watch({IN: 100.0, "a": 100.0})
    assert sorted(rig.record.shown) == [("a", 8), (IN, 5)]


def test_a_standing_picture_that_the_screen_had_no_room_for_is_shown_when_there_is_some(rig, part, monkeypatch):
    rig.play(part("a", add=3))
    rig.shows(8, fed=5)
    rig.show.pause(True)
    rig.show.watch({})
    with monkeypatch.context() as full:
        full.setattr(rig.record, "put", lambda *_: None)
        rig.show.watch({OUT: 100.0})
    rig.record.shown.clear()
    rig.show.figures(1.0)
    rig.show.show_lost()
    rig.show.show_lost()
    assert rig.record.shown == [(OUT, 8)]
    assert rig.show.figures(1.0)[1].rate == 0.0, "a picture that stands is not late"
