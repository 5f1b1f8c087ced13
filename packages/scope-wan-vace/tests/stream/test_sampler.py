"""Schedules against diffusers, and the noise of a seed."""

import pytest
import torch
from diffusers.schedulers.scheduling_flow_match_lcm import FlowMatchLCMScheduler
from hypothesis import given
from hypothesis import strategies as st

from scope_wan_vace.stream.sampler import denoise, renoise, text_sigmas, unwarp, video_sigmas, warp


def test_four_steps_warp_to_the_table_that_diffusers_makes():
    scheduler = FlowMatchLCMScheduler(shift=5)
    scheduler.set_timesteps(sigmas=[1, 0.75, 0.5, 0.25])
    times = 1000 * text_sigmas([1000, 750, 500, 250])
    torch.testing.assert_close(times, torch.as_tensor(scheduler.timesteps).float())
    torch.testing.assert_close(times, torch.tensor([1000.0, 937.5, 833.3333, 625.0]))


def test_a_step_is_the_one_of_diffusers():
    scheduler = FlowMatchLCMScheduler(shift=5)
    scheduler.set_timesteps(sigmas=[1, 0.75])
    x, v = torch.randn(2, 1, 4, 3, 2, 2)
    generator = torch.Generator().manual_seed(3)
    first = torch.as_tensor(scheduler.timesteps)[0].item()
    theirs = scheduler.step(v, first, x, generator=generator, return_dict=False)[0]
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(3))
    sigmas = text_sigmas([1000, 750])
    torch.testing.assert_close(renoise(x - sigmas[0] * v, noise, sigmas[1]), theirs)


@given(st.floats(0, 1), st.integers(1, 10))
def test_video_steps_fall_from_the_noise_scale(noise_scale, count):
    sigmas = video_sigmas(torch.tensor(noise_scale), count)
    assert sigmas.shape == (count,)
    assert sigmas[0].item() == pytest.approx(noise_scale, abs=1e-6)
    assert (sigmas.diff() <= 0).all()
    assert (sigmas >= 0).all()


def test_full_noise_in_four_video_steps_is_the_text_schedule():
    torch.testing.assert_close(video_sigmas(torch.tensor(1.0), 4), text_sigmas([1000, 750, 500, 250]))


@given(st.floats(0, 1))
def test_unwarp_undoes_warp(u):
    assert unwarp(warp(torch.tensor(u, dtype=torch.float64))).item() == pytest.approx(u, abs=1e-12)


def test_denoising_with_the_true_velocity_finds_the_clean_latents():
    clean, noises = torch.randn(1, 4, 3, 2, 2), list(torch.randn(4, 1, 4, 3, 2, 2))
    current, sigmas = [noises[0]], text_sigmas([1000, 750, 500, 250])

    def velocity(x, index):
        current.append(x)
        return (x - clean) / sigmas[index]

    torch.testing.assert_close(denoise(velocity, noises[0], sigmas, noises[1:]), clean)
    torch.testing.assert_close(current[2], renoise(clean, noises[1], sigmas[1]))
