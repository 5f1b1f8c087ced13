"""Blur and sharpen: Gaussians of the stated width, smears of the stated length, and no change of flat fields."""

import math

import pytest
import torch
from torch.nn import functional as F

from scope_fx.effects.blur import Blur
from scope_fx.effects.gaussian import halvings, kernel, soften
from scope_fx.effects.sharpen import Sharpen
from scope_gpu.image.blur import gaussian_blur
from scope_gpu.plugin.chain import run_effect


@pytest.mark.parametrize("sigma", [1.0, 2.0, 5.0, 11.0])
def test_a_blur_at_a_low_size_is_the_gaussian_at_full_size(sigma):
    frames = torch.rand(1, 1, 96, 128, generator=torch.Generator().manual_seed(3))
    times = halvings(sigma)
    ours, expected = soften(frames, kernel(sigma, times), times), gaussian_blur(frames, sigma)
    inside = (..., slice(24, -24), slice(24, -24))
    torch.testing.assert_close(ours[inside], expected[inside], atol=0.02, rtol=0)


def spot(amount: float, **controls) -> torch.Tensor:
    """The light that a lamp in the middle of a dark picture leaves in each place, (96, 96), 1 in all."""
    lamp = F.pad(torch.ones(1, 3, 4, 4), (46, 46, 46, 46))
    light = run_effect(Blur(), lamp, blur=amount, **controls)[0, 0].square()
    return light / light.sum()


def spread(light: torch.Tensor) -> tuple[float, float]:
    """The standard deviations of light along x and y, in pixels."""
    place = torch.arange(96) - 47.5
    return math.sqrt((light.sum(0) * place**2).sum()), math.sqrt((light.sum(1) * place**2).sum())


def test_the_even_blur_has_the_sigma_it_states():
    assert spread(spot(0.8)) == pytest.approx((0.06 * 0.64 * 96,) * 2, abs=0.5)


@pytest.mark.parametrize(("turn", "along", "across"), [(0.0, 0, 1), (0.25, 1, 0), (0.5, 0, 1)])
def test_motion_smears_in_its_direction_only(turn, along, across):
    deviations = spread(spot(1.0, blur_kind="motion", blur_turn=turn))
    assert deviations[along] == pytest.approx(0.3 * 96 / math.sqrt(12.0), rel=0.1)
    assert deviations[across] < 2.0


@pytest.mark.parametrize("kind", ["zoom", "spin"])
def test_zoom_and_spin_are_sharpest_in_the_middle(kind):
    frames = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(3))
    contrast = (
        run_effect(Blur(), frames, blur=1.0, blur_kind=kind)[0, 0].unfold(0, 16, 16).unfold(1, 16, 16).std((2, 3))
    )
    assert contrast[2:4, 2:4].mean() > 1.2 * contrast[0, 0]


def test_a_tilt_leaves_its_band_as_it_is(picture):
    out = run_effect(Blur(), picture, blur=1.0, blur_kind="tilt", blur_place=0.5)
    assert torch.equal(out[..., 17:19, :], picture[..., 17:19, :])
    assert (out[..., 0, :] - picture[..., 0, :]).abs().mean() > 0.05


@pytest.mark.parametrize("radius", [0.0, 0.5, 1.0])
def test_sharpening_leaves_flat_fields_and_the_mean_and_steepens_edges(radius):
    flat = torch.full((1, 3, 40, 60), 0.4)
    torch.testing.assert_close(run_effect(Sharpen(), flat, sharpen=1.0, sharpen_radius=radius), flat)
    step = torch.where(torch.arange(60) < 30, 0.4, 0.6).expand(1, 3, 40, 60)
    out = run_effect(Sharpen(), step, sharpen=1.0, sharpen_radius=radius)
    assert out[0, 0, 20, 30] - out[0, 0, 20, 29] > 0.25
    assert out.mean() == pytest.approx(0.5, abs=1e-3)
    assert out.min() >= 0.4 - 0.2


def test_sharpening_leaves_noise_nearly_as_it_is():
    noise = 0.01 * torch.randn(1, 1, 60, 60, generator=torch.Generator().manual_seed(2)).expand(1, 3, 60, 60)
    out = run_effect(Sharpen(), 0.5 + noise, sharpen=1.0, sharpen_radius=0.2)
    assert out.std() < 1.6 * noise.std()
