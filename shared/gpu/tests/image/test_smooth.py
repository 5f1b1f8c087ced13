"""Smoothing that stops at edges."""

import pytest
import torch

from scope_gpu.image.smooth import kuwahara


@pytest.mark.parametrize("radius", [1, 2, 3, 6])
def test_a_step_stays_as_sharp_as_it_was(radius):
    step = torch.zeros(1, 1, 30, 40)
    step[..., 20:] = 1.0
    torch.testing.assert_close(kuwahara(step, radius), step, atol=1e-5, rtol=0)


@pytest.mark.parametrize("radius", [2, 4])
def test_noise_is_averaged_away(radius):
    noise = torch.rand(1, 1, 80, 80, generator=torch.Generator().manual_seed(1))
    assert kuwahara(noise, radius).std() < 0.6 * noise.std()


def test_each_pixel_is_the_mean_of_the_calmest_square():
    picture = torch.rand(1, 1, 9, 9, generator=torch.Generator().manual_seed(2))
    squares = [picture[0, 0, top : top + 3, left : left + 3] for top in (2, 4) for left in (2, 4)]
    calmest = min(squares, key=lambda square: square.var().item())
    assert kuwahara(picture, 2)[0, 0, 4, 4].item() == pytest.approx(calmest.mean().item(), abs=1e-5)


def test_a_guide_chooses_the_square_for_all_channels():
    colors = torch.rand(1, 3, 9, 9, generator=torch.Generator().manual_seed(2))
    guide = torch.rand(1, 1, 9, 9, generator=torch.Generator().manual_seed(3))
    corners = [(top, left) for top in (2, 4) for left in (2, 4)]
    top, left = min(corners, key=lambda at: guide[0, 0, at[0] : at[0] + 3, at[1] : at[1] + 3].var().item())
    expected = colors[0, :, top : top + 3, left : left + 3].mean((1, 2))
    torch.testing.assert_close(kuwahara(colors, 2, guide)[0, :, 4, 4], expected)
