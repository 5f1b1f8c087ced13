"""The noise controller of video mode."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_wan_vace.stream.motion import MotionNoise, target_level


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_motion_means_more_noise_within_bounds(a, b, scale):
    calm, wild = (target_level(torch.tensor(motion), scale).item() for motion in sorted((a, b)))
    assert 0.05 <= calm <= wild <= 1.0


def test_level_follows_the_stated_formula():
    assert target_level(torch.tensor(0.04), 0.7).item() == torch.tensor(0.7).item()
    assert abs(target_level(torch.tensor(0.12), 0.5).item() - (0.5 + 0.25 * 0.5)) < 1e-6


def test_motion_counts_across_chunks_and_is_smoothed():
    noise, black = MotionNoise(), torch.full((1, 3, 4, 8, 8), -1.0)
    still = noise.level(black, 0.5).item()
    assert abs(still - 0.25) < 1e-6
    # One jump from black to white over four frames: motion 1 / 4.
    moved = noise.level(-black, 0.5).item()
    target = 0.5 + 0.25 * (0.25 - 0.04) / (0.25 + 0.04)
    assert abs(moved - (still + 0.3 * (target - still))) < 1e-5
