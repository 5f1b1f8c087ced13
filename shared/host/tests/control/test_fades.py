"""A fade goes from where a number is to where it shall be, whatever moves it meanwhile."""

import pytest

from scope.control.fades import STEPS_A_SECOND, Ahead, Fades

STEP = 1 / STEPS_A_SECOND


def fades(*whole):
    return Fades(lambda stage, name: name in whole)


def drained(moving):
    """Every step as it comes: time, field → value of the stage `fx`."""
    while (due := moving.due()) is not None:
        yield round(due * STEPS_A_SECOND, 6), moving.take(due)["fx"]


def test_numbers_glide_whole_ones_stay_whole_and_the_rest_is_there_at_once():
    moving = fades("n")
    stood = {"a": 0, "n": 0, "on": False, "m": "x", "same": 1.0}
    moving.move(0.0, "fx", {"a": 1, "n": 3, "on": True, "m": "y", "same": 1.0, "new": 2.0}, 3 * STEP, stood)
    assert list(drained(moving)) == [
        (0, {"a": pytest.approx(1 / 3), "n": 1}),
        (1, {"a": pytest.approx(2 / 3), "n": 2}),
        (2, {"a": 1, "n": 3}),
    ]


def test_without_a_fade_there_is_no_step():
    moving = fades()
    moving.move(0.0, "fx", {"a": 1.0}, 0.0, {"a": 0.0})
    assert moving.due() is None


def test_a_second_fade_begins_where_the_first_one_is():
    moving = fades()
    moving.move(0.0, "fx", {"a": 1.0, "b": 1.0}, 1.0, {"a": 0.0, "b": 0.0})
    assert moving.take(0.5)["fx"]["a"] == pytest.approx(16 / 30)
    moving.move(0.5, "fx", {"a": 0.0}, 1.0, {"a": 1.0, "b": 1.0})
    now = moving.now(0.5)["fx"]
    assert now == {"a": pytest.approx(16 / 30 * 29 / 30), "b": pytest.approx(16 / 30)}
    steps = [values for _, values in drained(moving)]
    assert [values["b"] for values in steps if "b" in values][-1] == 1.0
    assert steps[-1] == {"a": 0.0}
    assert all(0.0 <= value <= 16 / 30 for values in steps if (value := values.get("a")) is not None)


def test_a_fade_to_where_a_number_goes_already_keeps_its_pace_and_a_hand_ends_it():
    moving = fades()
    moving.move(0.0, "fx", {"a": 1.0, "b": 1.0}, 1.0, {"a": 0.0, "b": 0.0})
    moving.move(0.5, "fx", {"a": 1.0}, 5.0, {"a": 1.0})
    moving.move(0.5, "fx", {"b": 1.0}, 0.0, {"b": 1.0})
    assert list(moving.now(29 * STEP)["fx"].items()) == [("a", 1.0)]


def test_steps_that_were_missed_are_left_out():
    moving = fades()
    moving.move(0.0, "fx", {"a": 3.0}, 3 * STEP, {"a": 0.0})
    assert moving.take(1.5 * STEP) == {"fx": {"a": 2.0}}
    assert moving.take(1.6 * STEP) == {}
    assert moving.take(100.0) == {"fx": {"a": 3.0}}
    assert moving.due() is None


def test_who_begins_to_look_in_the_middle_sees_the_same_steps():
    whole, late = fades(), fades()
    whole.move(0.0, "fx", {"a": 1.0}, 1.0, {"a": 0.0})
    stood = whole.now(0.31)["fx"]
    (rest,) = whole.ahead(0.31)
    assert rest == Ahead("fx", {"a": 1.0}, 20 / 30)
    late.move(0.0, "fx", rest.ends, rest.seconds, stood)
    whole.take(0.31)
    assert [v["a"] for _, v in drained(late)] == pytest.approx([v["a"] for _, v in drained(whole)])


def test_a_stage_that_is_gone_stops_moving():
    moving = fades()
    moving.move(0.0, "fx", {"a": 1.0}, 1.0, {"a": 0.0})
    moving.keep({"other"})
    assert moving.now(0.5) == {}
    assert moving.due() is None
