"""Derivatives: units, signs, edges of the picture, and colours."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_gpu.image.gradients import magnitude, scharr, slopes, sobel, steepness

OPERATORS = [sobel, scharr]


def ramp(slope_x: float, slope_y: float) -> torch.Tensor:
    x = torch.arange(12.0)[None, :]
    y = torch.arange(9.0)[:, None]
    return (slope_x * x + slope_y * y)[None, None]


@pytest.mark.parametrize("operator", OPERATORS)
@given(slope_x=st.floats(-2, 2), slope_y=st.floats(-2, 2))
def test_a_ramp_has_its_slope_in_values_per_pixel(operator, slope_x, slope_y):
    dx, dy = operator(ramp(slope_x, slope_y))
    torch.testing.assert_close(dx[..., 1:-1, 1:-1], torch.full((1, 1, 7, 10), slope_x), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(dy[..., 1:-1, 1:-1], torch.full((1, 1, 7, 10), slope_y), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_step_of_one_has_a_slope_of_one_half_on_both_sides(operator):
    step = torch.zeros(1, 1, 5, 8)
    step[..., 4:] = 1.0
    dx, dy = operator(step)
    torch.testing.assert_close(dx[0, 0, 2], torch.tensor([0, 0, 0, 0.5, 0.5, 0, 0, 0]))
    assert dy.abs().max() == 0.0


@pytest.mark.parametrize("operator", OPERATORS)
def test_turning_the_picture_turns_the_gradient(operator):
    picture = torch.rand(2, 3, 7, 9, generator=torch.Generator().manual_seed(1))
    dx, dy = operator(picture)
    turned_dx, turned_dy = operator(picture.transpose(-1, -2))
    torch.testing.assert_close(turned_dx, dy.transpose(-1, -2))
    torch.testing.assert_close(turned_dy, dx.transpose(-1, -2))


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("size", [(1, 1), (1, 6), (6, 1)])
def test_flat_and_tiny_pictures_have_no_gradient(operator, size):
    dx, dy = operator(torch.full((1, 1, *size), 0.7))
    assert dx.shape == dy.shape == (1, 1, *size)
    assert magnitude(dx, dy).max() == 0.0


def test_scharr_sees_the_direction_of_fine_waves_better_than_sobel():
    angle = math.radians(30)
    x, y = torch.arange(64.0)[None, :], torch.arange(64.0)[:, None]
    waves = torch.sin(1.2 * (math.cos(angle) * x + math.sin(angle) * y))[None, None]
    errors = []
    for operator in (sobel, scharr):
        dx, dy = (d[..., 2:-2, 2:-2] for d in operator(waves))
        # The mean structure tensor's direction, which does not depend on the phase of the waves.
        seen = 0.5 * math.atan2(float(2 * (dx * dy).mean()), float((dx * dx - dy * dy).mean()))
        errors.append(abs(seen - angle))
    assert errors[1] < 0.4 * errors[0]


def test_the_steepest_channel_of_each_pixel_counts():
    colors = torch.rand(2, 3, 7, 9, generator=torch.Generator().manual_seed(4))
    expected = magnitude(*sobel(colors)).amax(dim=1, keepdim=True)
    torch.testing.assert_close(steepness(slopes(colors)), expected)
