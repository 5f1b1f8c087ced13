"""Motion follows time: its pace may change, its course may not depend on calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scope_synth.phase import Phase

SECONDS = st.lists(st.floats(0.0, 1e5), min_size=1, max_size=20).map(sorted)


@given(SECONDS, st.floats(-4.0, 4.0))
def test_at_one_speed_the_phase_is_speed_times_time_however_often_it_is_asked_for(times, speed):
    phase = Phase()
    assert [phase.at(seconds, speed) for seconds in times] == [speed * seconds for seconds in times]


@given(st.floats(0.0, 1e4), st.floats(-4.0, 4.0), st.floats(-4.0, 4.0))
def test_a_change_of_speed_does_not_jump(seconds, before, after):
    phase = Phase()
    phase.at(0.0, before)
    assert phase.at(seconds, after) == pytest.approx(before * seconds)
    assert phase.at(seconds + 2.0, after) == pytest.approx(before * seconds + after * 2.0)


def test_calls_between_changes_make_no_difference():
    rare, often = Phase(), Phase()
    for step in range(201):
        seconds = step / 10
        speed = 1.0 if seconds < 10 else -0.5
        phase = often.at(seconds, speed)
        if step in (0, 100):
            rare.at(seconds, speed)
    assert rare.at(20.0, -0.5) == phase == pytest.approx(5.0)


def test_going_back_in_time_runs_back():
    phase = Phase()
    assert [phase.at(seconds, 2.0) for seconds in (0.0, 4.0, 1.0)] == [0.0, 8.0, 2.0]
