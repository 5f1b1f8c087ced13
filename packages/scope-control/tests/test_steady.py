"""Smoothing calms what rests and follows what moves."""

import pytest
import torch

from scope_control.steady import LONGEST, steady


def ground(value: float = 0.5) -> torch.Tensor:
    return torch.full((1, 3, 16, 16), value)


def maps(*values: float) -> torch.Tensor:
    return torch.tensor(values).view(-1, 1, 1, 1).expand(-1, 1, 16, 16).clone()


def test_where_the_picture_rests_the_map_changes_slowly():
    result = steady(maps(1.0), maps(0.0), ground(), ground(), strength=0.5)
    assert float(result.mean()) == pytest.approx(1.0 - 0.5 * LONGEST, abs=1e-5)


def test_where_the_picture_moves_the_map_follows_at_once():
    result = steady(maps(1.0), maps(0.0), ground(0.8), ground(0.3), strength=1.0)
    assert float(result.min()) == pytest.approx(1.0, abs=1e-5)


def test_noise_of_single_pixels_is_no_movement():
    noisy = ground() + 0.02 * torch.randn(1, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    result = steady(maps(1.0), maps(0.0), noisy, ground(), strength=1.0)
    assert float(result.mean()) < 0.2


def test_at_full_strength_nothing_freezes():
    last = maps(0.0)
    for _ in range(120):
        last = steady(maps(1.0), last, ground(), ground(), strength=1.0)
    assert float(last.min()) > 0.99


def test_strength_zero_and_the_first_map_are_left_alone():
    first = maps(0.3)
    assert steady(first, maps(1.0), ground(), ground(), strength=0.0) is first
    assert torch.equal(steady(first, None, ground(), ground(), strength=1.0), first)


def test_frames_together_give_what_they_give_one_by_one():
    three, still = maps(0.0, 1.0, 0.5), ground().expand(3, -1, -1, -1)
    together = steady(three, maps(0.2), still, still, strength=0.7)
    last = maps(0.2)
    for index in range(3):
        last = steady(three[index : index + 1], last, ground(), ground(), strength=0.7)
        torch.testing.assert_close(last, together[index : index + 1])
