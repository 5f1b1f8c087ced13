"""On the beat: by formula, and as a host meets it."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_gpu.plugin.clock import Beat
from scope_gpu.plugin.tempo import RATES
from scope_synth.pipeline import SynthPipeline
from scope_synth.tempo import pulse, surge

RATE = st.sampled_from(list(RATES.values()))


@given(st.integers(0, 10_000), st.floats(0.5, 4.0), st.floats(0.0, 1.0), RATE)
def test_motion_is_where_it_would_be_as_every_cycle_begins(number, per_second, amount, rate):
    start = number / rate
    assert surge(Beat(start, per_second, start % 4.0), amount, rate) == 0.0
    end = start + 0.999999 / rate
    assert surge(Beat(end, per_second, end % 4.0), amount, rate) == pytest.approx(0.0, abs=1e-4)


@given(st.floats(0.0, 1e4), st.floats(0.5, 4.0), RATE)
def test_motion_never_runs_behind_and_light_never_below_its_pace(position, per_second, rate):
    beat = Beat(position, per_second, position % 4.0)
    assert surge(beat, 1.0, rate) >= -1e-9
    assert 1.0 < pulse(beat, 1.0, rate) <= 1.5


@given(st.floats(20.0, 300.0), RATE)
def test_light_begins_to_pulse_at_most_three_times_a_second(bpm, rate):
    per_second = bpm / 60.0
    positions = [step / 100.0 * per_second for step in range(400)]
    light = [pulse(Beat(p, per_second, p % 4.0), 1.0, rate) for p in positions]
    assert sum(after > before + 0.1 for before, after in pairwise(light)) <= 12


def test_a_bar_and_a_beat_are_different_phases():
    assert pulse(Beat(5.0, 2.0, 1.0), 1.0, RATES["bar"]) < pulse(Beat(5.0, 2.0, 1.0), 1.0, RATES["beat"]) == 1.5


@pytest.fixture
def noise():
    """Makes a picture of noise at one second: `noise(parameter=...)`."""
    pipeline = SynthPipeline(device="cpu", height=24, width=32)
    return lambda **call: pipeline(frame_time=1.1, init_cache=True, synth_generator="noise", **call)["video"]


def test_the_picture_moves_with_the_beat_only_where_it_is_wanted(noise):
    tempo = {"bpm": 120.0, "beat_count": 3, "beat_phase": 0.3, "bar_position": 3.3}
    assert torch.equal(noise(), noise(**tempo))
    assert not torch.equal(noise(), noise(**tempo, synth_beat=1.0))
    assert not torch.equal(noise(**tempo, synth_beat=1.0), noise(**tempo, synth_beat=1.0, synth_rate="bar"))


def test_without_a_hosts_tempo_the_beat_is_that_of_the_field(noise):
    told = {"bpm": 90.0, "beat_count": 1, "beat_phase": 0.65, "bar_position": 1.65}
    own = noise(synth_beat=1.0, synth_bpm=90.0)
    torch.testing.assert_close(own, noise(synth_beat=1.0, **told), atol=1e-5, rtol=0)
    assert torch.equal(noise(), noise(synth_beat=1.0, **told, is_playing=False))
