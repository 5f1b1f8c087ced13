"""The grade does what its controls say, in the units they say it in."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_fx.effects.grade import Grade
from scope_gpu.image.color import linear_to_srgb, luma, srgb_to_linear
from scope_gpu.plugin.chain import run_effect


def grade(frames, **controls):
    return run_effect(Grade(), frames, **{f"grade_{name}": value for name, value in controls.items()})


def flat(red: float, green: float, blue: float) -> torch.Tensor:
    return torch.tensor([red, green, blue]).view(1, 3, 1, 1)


@pytest.mark.parametrize("stops", [-2.0, -1.0, 0.5, 1.0])
def test_a_stop_of_exposure_doubles_the_light(stops, picture):
    light = srgb_to_linear(picture) * 2.0**stops
    torch.testing.assert_close(grade(picture, exposure=stops), linear_to_srgb(light).clamp(0, 1), atol=2e-4, rtol=0)


def test_temperature_turns_white_amber_or_blue_and_keeps_its_luma():
    for temperature in (-1.0, 1.0):
        grey = flat(0.5, 0.5, 0.5)
        light = srgb_to_linear(grade(grey, temperature=temperature))
        torch.testing.assert_close(luma(light), luma(srgb_to_linear(grey)), atol=1e-4, rtol=0)
        assert (light[0, 0] - light[0, 2]).sign().item() == temperature


def test_tint_goes_from_green_to_magenta():
    red, green, blue = grade(flat(0.5, 0.5, 0.5), tint=1.0).flatten()
    assert red > green < blue
    red, green, blue = grade(flat(0.5, 0.5, 0.5), tint=-1.0).flatten()
    assert red < green > blue


@given(st.floats(-1.0, 1.0))
def test_contrast_keeps_middle_grey_and_has_the_slope_it_states(contrast):
    near = torch.tensor([0.45, 0.5, 0.55]).view(1, 1, 1, 3).expand(1, 3, 1, 3)
    below, middle, above = grade(near, contrast=contrast)[0, 0, 0]
    assert middle.item() == pytest.approx(0.5, abs=1e-6)
    assert ((above - below) / 0.1).item() == pytest.approx(2.0**contrast, rel=0.02)


def test_more_contrast_keeps_black_and_white():
    assert grade(flat(0.0, 1.0, 0.0), contrast=1.0).flatten().tolist() == [0.0, 1.0, 0.0]


def test_saturation_minus_one_is_greyscale_of_the_same_luma(picture):
    grey = grade(picture, saturation=-1.0)
    torch.testing.assert_close(grey, luma(picture).expand_as(picture), atol=1e-5, rtol=0)


def test_hue_turns_red_towards_green_and_leaves_grey():
    red, green, blue = grade(flat(0.6, 0.3, 0.3), hue_turn=1 / 3).flatten()
    assert green > red
    assert green > blue
    torch.testing.assert_close(grade(flat(0.4, 0.4, 0.4), hue_turn=0.21), flat(0.4, 0.4, 0.4), atol=1e-6, rtol=0)


def test_lift_moves_black_gain_white_and_gamma_neither():
    ends = flat(0.0, 1.0, 0.25)
    assert grade(ends, lift=0.2).flatten().tolist() == pytest.approx([0.2, 1.0, 0.4], abs=1e-6)
    assert grade(ends, gain=-1.0).flatten().tolist() == pytest.approx([0.0, 0.5, 0.125], abs=1e-6)
    assert grade(ends, gamma=1.0).flatten().tolist() == pytest.approx([0.0, 1.0, 0.5], abs=1e-6)
