"""Beats keep time, follow taps and MIDI clocks, and never jump when the speed changes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scope.control.tempo import MidiClock, Taps, Tempo


def test_pipelines_are_told_where_in_the_bar_they_are():
    values = Tempo(bpm=120.0).values_at(3.25)
    assert values == {"bpm": 120.0, "beat_phase": 0.5, "bar_position": 2.5, "beat_count": 6, "is_playing": True}


@given(st.floats(20, 300), st.floats(20, 300), st.floats(0, 1e4))
def test_a_change_of_speed_does_not_move_the_beat(old, new, time):
    before = Tempo(bpm=old)
    assert before.with_bpm(new, time).beats_at(time) == pytest.approx(before.beats_at(time))


@pytest.mark.parametrize("bpm", [19.9, 301, float("nan"), float("inf")])
def test_an_impossible_tempo_is_refused(bpm):
    with pytest.raises(ValueError, match="expected 20 to 300 beats a minute, got"):
        Tempo().with_bpm(bpm, 0.0)


def test_a_stopped_tempo_stands_still_and_goes_on_from_there():
    stopped = Tempo(bpm=60.0).playing(False, 2.5)
    assert stopped.beats_at(100.0) == 2.5
    assert stopped.playing(True, 100.0).beats_at(101.0) == 3.5


@given(st.floats(20, 300), st.floats(0, 1e4), st.sampled_from(["beat", "bar"]))
def test_a_boundary_is_never_past_and_at_most_one_step_away(bpm, time, quantize):
    tempo = Tempo(bpm=bpm)
    boundary = tempo.next_boundary(time, quantize)
    step = 1 if quantize == "beat" else 4
    assert time <= boundary <= time + step * 60.0 / bpm + 1e-6
    beats = tempo.beats_at(boundary)
    assert abs(beats / step - round(beats / step)) < 1e-6


def test_without_quantize_nothing_waits():
    assert Tempo().next_boundary(1.3, "off") == 1.3
    assert Tempo(is_playing=False).next_boundary(1.3, "bar") == 1.3


def test_four_taps_give_the_tempo_and_put_the_beat_on_the_last():
    taps, tempo = Taps(), Tempo(bpm=100.0)
    for time in (10.0, 10.4, 10.8, 11.2):
        tempo = taps.tap(tempo, time)
    assert tempo.bpm == pytest.approx(150.0)
    assert tempo.values_at(11.2)["beat_phase"] == pytest.approx(0.0)


def test_a_long_pause_begins_a_new_tempo():
    taps, tempo = Taps(), Tempo()
    for time in (0.0, 0.5, 1.0, 60.0, 61.0, 62.0):
        tempo = taps.tap(tempo, time)
    assert tempo.bpm == pytest.approx(60.0)


def test_a_downbeat_begins_a_bar():
    assert Tempo(bpm=60.0).downbeat(5.2).values_at(5.2)["bar_position"] == 0.0


def test_a_jittery_midi_clock_is_followed_within_a_few_milliseconds():
    noise, clock = random.Random(1), MidiClock()
    clock.message([0xFA], 0.0)
    period = 60.0 / 128.0 / 24.0
    for tick in range(24 * 64):
        clock.message([0xF8], tick * period + noise.uniform(0.0, 0.003))
    end = 24 * 64 * period
    assert clock.tempo.bpm == pytest.approx(128.0, abs=0.8)
    off = (clock.tempo.beats_at(end) - 64.0) * 60.0 / 128.0
    assert abs(off) < 0.005


def test_a_midi_clock_stops_and_continues():
    clock = MidiClock()
    clock.message([0xFA], 0.0)
    for tick in range(49):
        clock.message([0xF8], tick / 48.0)
    clock.message([0xFC], 1.0)
    assert not clock.tempo.is_playing
    assert clock.tempo.beats_at(9.0) == pytest.approx(2.0, abs=0.05)
    clock.message([0xFB], 9.0)
    assert clock.tempo.beats_at(9.5) == pytest.approx(3.0, abs=0.05)


def test_a_sequencer_that_is_started_in_the_middle_says_where():
    clock = MidiClock()
    clock.message([0xF2, 16, 1], 0.0)
    clock.message([0xFB], 1.0)
    assert clock.tempo.beats == 36.0
    for tick in range(49):
        clock.message([0xF8], 1.0 + tick / 48.0)
    assert clock.tempo.beats_at(2.0) == pytest.approx(38.0, abs=0.05)
