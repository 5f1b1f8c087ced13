"""OKLab: the author's values, there and back, and a hue that turns by itself."""

import math

import pytest
import torch

from scope_gpu.image.oklab import oklab_to_srgb, srgb_to_oklab, turn_hue


def test_oklab_is_that_of_its_author():
    """Known pairs: white is L = 1 without colour; red and blue from the reference implementation."""
    srgb = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]).T[:, None]
    lab = srgb_to_oklab(srgb)
    expected = torch.tensor([[1.0, 0.0, 0.0], [0.62796, 0.22486, 0.12585], [0.45201, -0.03246, -0.31153]]).T[:, None]
    torch.testing.assert_close(lab, expected, atol=2e-4, rtol=0)
    torch.testing.assert_close(oklab_to_srgb(lab.double()).float(), srgb, atol=1e-3, rtol=0)


def test_a_turn_of_the_hue_leaves_grey_and_turns_red_to_yellow():
    grey = torch.full((1, 3, 1, 1), 0.4)
    torch.testing.assert_close(turn_hue(grey, 0.0, 1.0), grey, atol=1e-4, rtol=0)
    red = torch.tensor([0.7, 0.3, 0.3]).view(1, 3, 1, 1)
    turned = turn_hue(red, math.cos(1.0), math.sin(1.0)).flatten()
    assert turned[1] > turned[2]
    assert turned[1] > 0.3


@pytest.mark.parametrize("degrees", [30, 150, 270])
def test_a_turn_of_the_hue_keeps_lightness_and_chroma(degrees):
    picture = 0.35 + 0.2 * torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    angle = math.radians(degrees)
    before, after = (srgb_to_oklab(rgb) for rgb in (picture, turn_hue(picture, math.cos(angle), math.sin(angle))))
    torch.testing.assert_close(after[:, 0], before[:, 0], atol=0.01, rtol=0)
    torch.testing.assert_close(torch.hypot(*after[0, 1:]), torch.hypot(*before[0, 1:]), atol=0.01, rtol=0)


def test_no_turn_changes_nothing():
    picture = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(turn_hue(picture, 1.0, 0.0), picture, atol=1e-3, rtol=0)
