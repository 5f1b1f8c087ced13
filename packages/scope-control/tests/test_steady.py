"""Smoothing calms what rests and follows what moves."""

import pytest
import torch

from scope_control.steady import LONGEST, calm, lingering, lit, same_shot, steady


def ground(*values: float) -> torch.Tensor:
    return torch.tensor(values or (0.5,)).view(-1, 1, 1, 1).expand(-1, 3, 32, 32).clone()


def maps(*values: float) -> torch.Tensor:
    return torch.tensor(values).view(-1, 1, 1, 1).expand(-1, 1, 32, 32).clone()


def test_where_the_picture_rests_the_map_changes_slowly():
    _, steps = calm(ground(), ground(), strength=0.5)
    result = steady(maps(1.0), maps(0.0), steps)
    assert float(result.mean()) == pytest.approx(1.0 - 0.5 * LONGEST, abs=1e-5)


def test_where_the_picture_moves_it_is_followed_at_once():
    moved = ground(0.5)
    moved[..., :8, :8] = 0.9
    calmed, (step,) = calm(moved.clone(), ground(0.5), strength=1.0)
    share = step.share
    assert float(share[..., :8, :8].max()) < 1e-5
    assert float(share[..., 24:, 24:].min()) == pytest.approx(LONGEST)
    torch.testing.assert_close(calmed, moved)


def test_a_slow_change_is_followed_although_each_step_of_it_is_small():
    steps = ground(*(0.2 + 0.01 * index for index in range(40)))
    calmed, _ = calm(steps.clone(), None, strength=1.0)
    assert float((calmed[-1] - steps[-1]).abs().max()) < 0.06


def test_noise_of_single_pixels_is_no_movement_and_is_averaged():
    seeded = torch.Generator().manual_seed(1)
    noisy = ground().expand(30, -1, -1, -1) + 0.02 * torch.randn(30, 3, 32, 32, generator=seeded)
    calmed, _ = calm(noisy.clone(), None, strength=0.8)
    assert float((calmed[-1] - 0.5).std()) < 0.5 * float((noisy[-1] - 0.5).std())


def test_at_full_strength_nothing_freezes():
    last = maps(0.0)
    for _ in range(120):
        last = steady(maps(1.0), last, calm(ground(), ground(), strength=1.0)[1])
    assert float(last.min()) > 0.99


def test_the_first_frame_and_its_map_are_left_alone():
    calmed, steps = calm(ground(), None, strength=1.0)
    assert torch.equal(calmed, ground())
    assert torch.equal(steady(maps(0.3), None, steps), maps(0.3))


def test_a_cut_is_its_own_predecessor_and_movement_is_not_a_cut():
    shots = ground(0.2, 0.8)
    assert torch.equal(same_shot(shots[1:], shots[:1]), shots[1:])
    moved = shots[:1].clone()
    moved[..., :12] = 0.9
    assert torch.equal(same_shot(moved, shots[:1]), shots[:1])


def test_frames_together_give_what_they_give_one_by_one():
    frames = ground(0.5, 0.51, 0.52)
    together, steps = calm(frames.clone(), ground(), strength=0.7)
    last = ground()
    for index in range(3):
        last, (step,) = calm(frames[index : index + 1].clone(), last, strength=0.7)
        torch.testing.assert_close(last, together[index : index + 1])
        torch.testing.assert_close(step.share, steps[index].share)


def test_what_moved_stays_white_for_some_frames_and_not_beyond_a_cut():
    cuts = torch.zeros(8, 1, 1, 1)
    shown = lit(lingering(maps(1.0, *[0.0] * 7), None, 1.0, cuts)).mean(dim=(1, 2, 3))
    assert float(shown[:4].min()) == 1.0
    assert float(shown[7:].max()) == 0.0
    cuts[2] = 1.0
    assert float(lit(lingering(maps(1.0, *[0.0] * 7), None, 1.0, cuts))[2:].max()) == 0.0
