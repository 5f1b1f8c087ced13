"""A recording is edited: what is forgotten moves no more, and what is cut off is where it begins and ends."""

import pytest

from scope.control.lanes import lane_names, trimmed, without_lane
from scope.control.setup import Setup
from scope.control.timeline import end_of, film_at, steps


def recorded(*moves):
    """Moves with every field written out, as a document has them."""
    return Setup.model_validate({"timeline": list(moves)}).document()["timeline"]


def whole(_stage, _field):
    return False


CLOCK = {"bpm": 60.0, "beats_per_bar": 4, "beats": 8.0}
TIMELINE = recorded(
    {"at": 0.0, "stage": "fx", "set": {"bloom": 0.0, "grain": 0.2}, "on": True},
    {"at": 0.0, "prompts": [{"text": "sun"}]},
    {"at": 0.0, "clock": CLOCK, "film": 3.0},
    {"at": 1.0, "stage": "fx", "set": {"bloom": 1.0}, "fade": 2.0},
    {"at": 1.5, "stage": "fx", "set": {"grain": 0.9}, "on": False},
    {"at": 4.0, "stage": "fx", "set": {"bloom": 0.5, "grain": 0.1}},
    {"at": 5.0, "prompts": [{"text": "sea"}]},
    {"at": 8.0},
)


def test_one_thing_that_a_recording_moves_is_forgotten():
    assert lane_names(TIMELINE) == {("fx", "bloom"), ("fx", "grain"), ("fx", None), (None, "prompts")}
    left = without_lane(TIMELINE, "fx", "bloom")
    assert lane_names(left) == {("fx", "grain"), ("fx", None), (None, "prompts")}
    assert [move["at"] for move in left] == [0.0, 0.0, 0.0, 1.5, 4.0, 5.0, 8.0]
    assert lane_names(without_lane(left, "fx", None)) == {("fx", "grain"), (None, "prompts")}
    calm = without_lane(without_lane(left, None, "prompts"), "fx", None)
    assert lane_names(calm) == {("fx", "grain")}
    assert end_of(calm) == 8.0


def test_a_recording_that_is_cut_begins_as_everything_stood_there():
    cut = trimmed(TIMELINE, 2.0, 4.5, whole)
    cut = recorded(*cut)
    assert end_of(cut) == 2.5
    assert cut[0]["set"] == {"bloom": pytest.approx(0.5, abs=0.02), "grain": 0.9}
    assert cut[0]["on"] is False
    assert cut[2]["prompts"][0]["text"] == "sun"
    assert cut[2]["clock"] == CLOCK | {"beats": 10.0, "playing": True}
    assert film_at(cut) == 5.0

    def bloom(timeline, shift):
        moved = steps(timeline, {"fx": {}}, whole)
        return [(round(at - shift, 3), value) for at, _, name, value in moved if name == "bloom" and at > shift]

    late = [(at, value) for at, value in bloom(TIMELINE, 2.0) if at < 2.5]
    assert [value for _, value in bloom(cut, 0.0)][-1] == late[-1][1] == 0.5
    by_time = dict(late)
    assert all(value == pytest.approx(by_time[at], abs=0.02) for at, value in bloom(cut, 0.0) if at in by_time)


def test_a_cut_to_the_end_and_beyond_keeps_the_end():
    assert end_of(trimmed(TIMELINE, 1.0, 99.0, whole)) == 7.0
