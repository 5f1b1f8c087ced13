"""On the beat: by formula, and as a host meets it."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_gpu.plugin.clock import Beat
from scope_synth.pipeline import SynthPipeline
from scope_synth.tempo import pulse, surge


@given(st.integers(0, 10_000), st.floats(0.5, 4.0), st.floats(0.0, 1.0))
def test_motion_is_where_it_would_be_on_every_beat(number, per_second, amount):
    assert surge(Beat(float(number), per_second), amount) == 0.0
    assert surge(Beat(number + 0.999999, per_second), amount) == pytest.approx(0.0, abs=1e-4)


@given(st.floats(0.0, 1e4), st.floats(0.5, 4.0))
def test_motion_never_runs_behind_and_light_never_below_its_pace(position, per_second):
    assert surge(Beat(position, per_second), 1.0) >= -1e-9
    assert 1.0 < pulse(Beat(position, per_second), 1.0) <= 1.5


def test_the_picture_moves_with_the_beat_only_where_one_is_sent_and_wanted():
    pipeline = SynthPipeline(device="cpu", height=24, width=32)
    call = {"frame_time": 1.0, "init_cache": True, "synth_generator": "noise"}
    tempo = {"bpm": 120.0, "beat_count": 3, "beat_phase": 0.3}
    plain = pipeline(**call)["video"]
    assert torch.equal(plain, pipeline(**call, **tempo)["video"])
    assert torch.equal(plain, pipeline(**call, synth_beat=1.0)["video"])
    assert not torch.equal(plain, pipeline(**call, **tempo, synth_beat=1.0)["video"])
