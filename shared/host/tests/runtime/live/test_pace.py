"""When frames are shown, generators called and faulty stages tried again."""

import math

import pytest
import torch

from scope.runtime.frames import Frame, Stamp
from scope.runtime.intake import Item, Pace
from scope.runtime.pace import NOTHING_YET_SECONDS, Beat, Pacer, Period, Rest


def chunk(start: int, count: int, interval: float = 0.1) -> list[Item]:
    frames = [Frame(torch.zeros(1, 1, 1, 3), Stamp(0.0, start + i)) for i in range(count)]
    return [Item(frame, None, {}, Pace(interval, count)) for frame in frames]


def played(pacer: Pacer, start: float) -> list[tuple[int, float]]:
    """(number, seconds since the start) of every frame as it comes due."""
    now, shown = start, []
    while (due := pacer.due()) is not None:
        now = max(now, due)
        shown.append((pacer.pop(now).frame.stamp.sequence, round(now - start, 6)))
    return shown


def test_a_chunk_plays_at_its_own_pace():
    pacer = Pacer()
    pacer.put(chunk(0, 4))
    assert played(pacer, 50.0) == [(0, 0.0), (1, 0.1), (2, 0.2), (3, 0.3)]


def test_a_second_chunk_goes_on_where_the_first_ends():
    pacer = Pacer()
    pacer.put(chunk(0, 3))
    assert len(played(pacer, 50.0)) == 3
    pacer.put(chunk(3, 3))
    assert played(pacer, 50.25) == [(3, 0.05), (4, 0.15), (5, 0.25)]


def test_a_backlog_plays_faster_and_never_grows_beyond_two_chunks():
    pacer = Pacer()
    pacer.put(chunk(0, 4))
    pacer.put(chunk(4, 4))
    pacer.put(chunk(8, 4))
    shown = played(pacer, 50.0)
    assert [number for number, _ in shown] == list(range(4, 12))
    assert pacer.dropped == 4
    assert shown[-1][1] < 0.1 * 7


def test_a_period_is_smoothed_and_a_leap_is_believed_at_once():
    period = Period()
    assert period.tick(0.0) is None
    assert period.tick(1.0) == 1.0
    assert period.tick(2.2) == pytest.approx(1.04)
    assert period.tick(7.2) == 5.0


def test_a_generator_keeps_its_rate_through_a_hiccup_and_does_not_catch_up():
    beat = Beat()
    beat.made(1, 10.0, 30.0)
    assert beat.due() == pytest.approx(10.0 + 1 / 30)
    beat.made(1, beat.due() + 0.004, 30.0)
    assert beat.due() == pytest.approx(10.0 + 2 / 30)
    beat.made(1, 20.0, 30.0)
    assert beat.due() == pytest.approx(20.0 + 1 / 30)


def test_a_generator_with_nothing_yet_is_asked_again_after_a_moment():
    beat = Beat()
    beat.made(0, 10.0, 30.0)
    assert beat.due() == 10.0 + NOTHING_YET_SECONDS


def test_a_stage_rests_longer_and_longer_and_a_change_wakes_it():
    rest = Rest()
    assert [rest.faulted(0.0) for _ in range(10)] == [None] * 9 + [1.0]
    assert rest.resting(0.5)
    assert not rest.resting(1.0)
    assert [rest.faulted(1.0) for _ in range(4)] == [2.0, 4.0, 10.0, 10.0]
    assert rest.resting(5.0)
    rest.wake()
    assert not rest.resting(5.0)


def test_one_good_call_makes_up_for_nine_bad_ones():
    rest = Rest()
    for _ in range(9):
        rest.faulted(0.0)
    assert rest.worked()
    assert not rest.worked()
    assert rest.faulted(0.0) is None


def test_out_of_memory_rests_until_something_changes():
    rest = Rest()
    assert rest.stop() == math.inf
    assert rest.resting(1e9)
    rest.wake()
    assert not rest.resting(0.0)
