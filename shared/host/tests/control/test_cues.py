"""The cue list: what comes next, and when it goes by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scope.control.cues import Moment, Position, asked_at, cue_timeline, follows_at, moment, played, round_seconds
from scope.control.setup import Cue, CueList, SetupError, check_setup
from scope.control.setup import Tempo as TempoSetup
from scope.control.tempo import Tempo

CLOCK = Tempo(bpm=120.0, beats_per_bar=4, beats=0.0, at=10.0)


def cue(name="cue-1", **fields):
    return Cue(id=name, scene="scene-1", **fields)


def setup(quantize="off", bpm=120.0):
    return TempoSetup(source="internal", bpm=bpm, quantize=quantize)


@pytest.mark.parametrize(
    ("wait", "unit", "clock", "quantize", "time"),
    [
        (3.0, "seconds", None, "off", 14.0),
        (4.0, "beats", None, "off", 13.0),
        (2.0, "bars", None, "off", 15.0),
        (3.0, "seconds", CLOCK, "off", 14.0),
        (4.0, "beats", CLOCK, "off", 13.0),
        (1.0, "bars", CLOCK, "off", 13.0),
        # The cue went at beat 2; three seconds later it is beat 8, the end of the second bar.
        (2.9, "seconds", CLOCK, "bar", 14.0),
        (3.1, "seconds", CLOCK, "beat", 14.5),
        (5.0, "beats", CLOCK, "bar", 14.0),
        (2.0, "beats", CLOCK, "bar", 12.0),
    ],
)
def test_a_cue_follows_after_its_wait(wait, unit, clock, quantize, time):
    went = moment(11.0, clock)
    following = follows_at(cue(wait=wait, unit=unit), went, clock, setup(quantize))
    assert following is not None
    assert following.time == pytest.approx(time)
    assert (following.beats is None) == (clock is None)


def test_a_cue_that_does_not_follow_waits_for_a_go_and_beats_wait_for_the_clock():
    stopped = CLOCK.playing(False, 11.0)
    assert follows_at(cue(follow=False), moment(11.0, CLOCK), CLOCK, setup()) is None
    assert follows_at(cue(wait=1, unit="bars"), moment(11.0, CLOCK), stopped, setup()) is None
    assert follows_at(cue(wait=1.0), moment(11.0, stopped), stopped, setup("bar")) == Moment(12.0, stopped.beats)


def test_a_go_waits_for_the_beat_or_bar_and_is_not_put_off_on_one():
    assert asked_at(moment(11.1, CLOCK), CLOCK, setup()).time == 11.1
    assert asked_at(moment(11.1, CLOCK), CLOCK, setup("beat")) == Moment(11.5, 3.0)
    assert asked_at(moment(11.1, CLOCK), CLOCK, setup("bar")) == Moment(12.0, 4.0)
    assert asked_at(moment(12.0, CLOCK), CLOCK, setup("bar")) == Moment(12.0, 4.0)
    assert asked_at(moment(11.1, None), None, setup("bar")).time == 11.1


@given(st.integers(1, 7), st.floats(20, 300), st.sampled_from(["off", "beat", "bar"]), st.floats(0, 1e6))
def test_hours_of_cues_on_beats_stay_on_them(wait, bpm, quantize, start):
    clock = Tempo(bpm=bpm, at=start)
    went, tempo = moment(start, clock), setup(quantize, bpm)
    for _ in range(200):
        following = follows_at(cue(wait=wait, unit="beats"), went, clock, tempo)
        assert following is not None
        went = following
    step = {"off": wait, "beat": wait, "bar": -(-wait // 4) * 4}[quantize]
    assert went.beats == 200 * step


def names(*ids, loop=False):
    return CueList(loop=loop, items=[cue(name) for name in ids])


def test_the_place_in_the_list_survives_edits():
    position = Position()
    cues = names("a", "b", "c")
    assert position.after(cues) == cues.items[0]
    assert position.before(cues) == cues.items[0]
    position.set(cues.items, cues.items[1])
    assert (position.after(cues), position.before(cues)) == (cues.items[2], cues.items[0])
    moved = names("b", "c", "a")
    assert position.after(moved) == moved.items[1]
    removed = names("a", "c")
    assert (position.after(removed), position.before(removed)) == (removed.items[1], removed.items[0])
    assert position.after(names()) is None


def test_a_list_ends_or_loops():
    position, cues, looping = Position(), names("a", "b"), names("a", "b", loop=True)
    position.set(cues.items, cues.items[1])
    assert position.after(cues) is None
    assert position.after(looping) == looping.items[0]
    position.set(cues.items, cues.items[0])
    assert position.before(cues) == cues.items[0]
    assert position.before(looping) == looping.items[1]


def test_a_list_that_cannot_be_is_refused_in_a_sentence():
    item = {"id": "a", "scene": "scene-1"}
    with pytest.raises(SetupError, match=r"cues: items: expected ids that differ, got 'a' 2 times"):
        check_setup({"scope": 1, "cues": {"items": [item, item]}})
    with pytest.raises(SetupError, match=r"cues.items\[0\].wait: expected at least 0.1, got 0"):
        check_setup({"scope": 1, "cues": {"items": [{**item, "wait": 0.0}]}})


def test_a_list_that_plays_from_the_beginning_has_its_times():
    cues = CueList(items=[cue("a", wait=2.0, unit="beats"), cue("b", wait=1.5), cue("c", wait=1.0, unit="bars")])
    clock = Tempo(bpm=120.0)
    assert [(one.id, at) for one, at in played(cues, clock, setup())] == [("a", 0.0), ("b", 1.0), ("c", 2.5)]
    assert round_seconds(cues, clock, setup()) == 4.5
    assert [at for _, at in played(cues, clock, setup("bar"))] == [0.0, 2.0, 4.0]
    assert round_seconds(cues.model_copy(update={"loop": True}), None, setup(bpm=60.0)) == 2.0 + 1.5 + 4.0
    waiting = CueList(items=[cue("a", follow=False, wait=3.0), cue("b")])
    assert [one.id for one, _ in played(waiting, None, setup())] == ["a"]
    assert round_seconds(waiting, None, setup()) == 3.0


def test_cues_become_the_moves_that_they_make_and_a_lost_scene_none():
    scenes = [
        {"id": "dark", "name": "Dark", "values": {"fx": {"level": 0.0}}, "fade": 1.0},
        {"id": "off", "name": "Off", "on": {"fx": False}},
    ]
    items = [
        {"id": "a", "scene": "dark", "wait": 1.0},
        {"id": "b", "scene": "gone", "wait": 1.0},
        {"id": "c", "scene": "off", "wait": 1.0, "fade": 3.0},
    ]
    stages = [{"id": "fx", "pipeline": "fx"}]
    show = check_setup({"scope": 1, "stages": stages, "scenes": scenes, "cues": {"loop": True, "items": items}})
    moves = cue_timeline(show, None, 3.5, lambda _: {"level": 0.5})
    assert moves == [
        {"at": 0.0, "stage": "fx", "set": {"level": 0.0}, "fade": 1.0},
        {"at": 2.0, "stage": "fx", "set": {}, "on": False},
    ]
