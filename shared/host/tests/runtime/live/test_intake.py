"""What waits in front of a stage."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope.runtime.frames import Frame, Stamp
from scope.runtime.intake import Intake, Item, Pace, evenly


def single(number: int) -> Item:
    return Item(Frame(torch.zeros(1, 1, 1, 3), Stamp(0.0, number)), None, {})


def chunk(start: int, count: int) -> list[Item]:
    return [single(start + i)._replace(pace=Pace(0.05, count)) for i in range(count)]


def numbers(items: list[Item] | None) -> list[int]:
    assert items is not None
    return [item.frame.stamp.sequence for item in items]


def test_the_newest_frame_wins_and_the_others_are_counted():
    intake = Intake()
    for number in range(5):
        intake.put([single(number)])
    assert len(intake) == 2
    assert numbers(intake.take(1)) == [4]
    assert intake.dropped == 4
    assert intake.take(1) is None


def test_a_call_that_needs_more_waits_for_them():
    intake = Intake()
    intake.put([single(0)])
    assert intake.take(2) is None
    intake.put([single(1)])
    assert numbers(intake.take(2)) == [0, 1]


def test_frames_for_a_long_call_are_spread_over_all_that_wait():
    intake = Intake()
    assert intake.take(4) is None
    for number in range(20):
        intake.put([single(number)])
    assert numbers(intake.take(4)) == [13, 15, 17, 19]


def test_the_frames_of_a_chunk_come_one_by_one_without_a_gap():
    intake = Intake()
    intake.put(chunk(0, 12))
    assert [numbers(intake.take(1))[0] for _ in range(12)] == list(range(12))
    assert intake.dropped == 0


def test_a_chunk_that_is_not_used_up_gives_way_to_the_next():
    intake = Intake()
    intake.put(chunk(0, 6))
    intake.put(chunk(6, 6))
    assert len(intake) == 6
    assert numbers(intake.take(1)) == [6]


def test_putting_wakes_the_lane():
    woken = []
    Intake(lambda: woken.append(True)).put([single(0)])
    assert woken == [True]


@given(st.integers(1, 30), st.integers(0, 60))
def test_even_spreading_keeps_the_order_the_newest_and_equal_gaps(count, more):
    items = list(range(count + more))
    taken = evenly(items, count)
    gaps = {after - before for before, after in pairwise(taken)}
    assert len(taken) == count
    assert taken[-1] == items[-1]
    assert not gaps or (min(gaps) >= 1 and max(gaps) - min(gaps) <= 1)


@given(st.lists(st.integers(1, 12), max_size=40), st.integers(1, 30))
def test_what_waits_stays_bounded(arrivals, need):
    intake = Intake()
    intake.take(need)
    for arrival in arrivals:
        intake.put(chunk(0, arrival) if arrival > 1 else [single(0)])
        assert len(intake) <= max(2, 2 * need, arrival)


def test_forgetting_is_not_dropping():
    intake = Intake()
    intake.put([single(0)])
    intake.clear()
    assert (len(intake), intake.dropped) == (0, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_all_are_taken_when_just_enough_wait(count):
    assert evenly(list(range(count)), count) == list(range(count))
