"""Gaussian blur and the pyramid."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from scope_gpu.image.bands import Rows
from scope_gpu.image.blur import (
    blur_pyramid,
    convolve,
    enlarge,
    gaussian_blur,
    gaussian_kernel,
    grow,
    growing,
    halve,
    shrink,
)

NOISE = torch.rand(2, 3, 20, 30, generator=torch.Generator().manual_seed(1))
SHARES = [0.4, 0.3, 0.2, 0.1]


@given(st.floats(0.05, 20.0))
def test_a_kernel_is_symmetric_and_sums_to_one(sigma):
    kernel = gaussian_kernel(sigma)
    assert len(kernel) % 2 == 1
    assert kernel == kernel[::-1]
    assert sum(kernel) == pytest.approx(1.0)


@pytest.mark.parametrize("dim", [-1, -2])
@pytest.mark.parametrize("stride", [1, 2])
def test_convolve_is_conv2d_with_the_edge_repeated(dim, stride):
    kernel = [0.1, 0.7, 0.15, 0.05, 0.3]
    padding = (2, 2, 0, 0) if dim == -1 else (0, 0, 2, 2)
    shape = (1, 1, 1, 5) if dim == -1 else (1, 1, 5, 1)
    steps = (1, stride) if dim == -1 else (stride, 1)
    planes = F.pad(NOISE.view(6, 1, 20, 30), padding, mode="replicate")
    expected = F.conv2d(planes, torch.tensor(kernel).view(shape), stride=steps)
    torch.testing.assert_close(convolve(NOISE, kernel, dim, stride), expected.view(2, 3, *expected.shape[-2:]))


@pytest.mark.parametrize("sigma", [0.6, 2.0, 5.0])
def test_a_blurred_point_is_as_wide_as_sigma(sigma):
    point = torch.zeros(1, 1, 61, 61)
    point[..., 30, 30] = 1.0
    out = gaussian_blur(point, sigma)
    offsets = torch.arange(61.0) - 30
    variance = (out.sum((0, 1, 2)) * offsets**2).sum().item()
    assert out.sum().item() == pytest.approx(1.0, abs=1e-5)
    # Three sigmas to each side leave out a little of the tails, and pixels are not infinitely small.
    assert variance == pytest.approx(sigma**2, rel=0.06)


def test_no_blur_returns_the_input():
    assert gaussian_blur(NOISE, 0.0) is NOISE


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40))
def test_every_size_is_halved_rounded_up_and_keeps_an_even_field(height, width):
    out = halve(torch.full((1, 3, height, width), 0.3))
    assert out.shape == (1, 3, (height + 1) // 2, (width + 1) // 2)
    torch.testing.assert_close(out, torch.full_like(out, 0.3))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40))
def test_a_pyramid_of_any_size_keeps_an_even_field(height, width):
    out = blur_pyramid(torch.full((1, 3, height, width), 0.3), SHARES)
    assert out.shape == (1, 3, (height + 1) // 2, (width + 1) // 2)
    torch.testing.assert_close(out, torch.full_like(out, 0.3))


def test_a_pyramid_is_the_weighted_sum_of_its_levels():
    one = halve(NOISE)
    two = halve(one)
    expected = 0.3 * one + 0.7 * enlarge(two, *one.shape[-2:])
    torch.testing.assert_close(blur_pyramid(NOISE, [0.3, 0.7]), expected)


def test_coarse_levels_reach_further():
    point = torch.zeros(1, 1, 128, 128)
    point[..., 64, 64] = 1.0
    near, far = blur_pyramid(point, [1.0, 0.0, 0.0, 0.0]), blur_pyramid(point, [0.0, 0.0, 0.0, 1.0])
    assert (far > 0).sum() > 20 * (near > 0).sum()
    assert near.max() > 20 * far.max()


@given(st.floats(5e-324, 0.05))
def test_a_sigma_too_small_to_blur_keeps_the_picture(sigma):
    assert torch.equal(gaussian_blur(NOISE, sigma), NOISE)


@pytest.mark.parametrize("size", [(8, 12), (7, 13), (1, 5)])
def test_halving_takes_means_of_two_by_two(size):
    picture = torch.rand(1, 3, *size)
    padded = F.pad(picture, (0, size[1] % 2, 0, size[0] % 2), mode="replicate")
    torch.testing.assert_close(shrink(picture), F.avg_pool2d(padded, 2))
    assert torch.equal(shrink(picture, 0), picture)


@pytest.mark.parametrize("size", [(64, 96), (61, 99)])
@pytest.mark.parametrize("times", [0, 1, 2])
def test_there_and_back_moves_nothing(size, times):
    x = torch.linspace(0.0, 1.0, size[1]).expand(1, 1, *size)
    back = grow(shrink(x, times), times, *size)
    torch.testing.assert_close(back[..., 8:-8], x[..., 8:-8], atol=1e-5, rtol=0)


@pytest.mark.parametrize("shape", [(1, 3, 6, 8), (2, 1, 1, 1), (1, 2, 5, 1)])
def test_doubling_is_that_of_interpolate(shape):
    batch = torch.rand(shape)
    size = (2 * shape[2], 2 * shape[3])
    torch.testing.assert_close(enlarge(batch, *size), F.interpolate(batch, size, mode="bilinear"))


@pytest.mark.parametrize(("height", "doublings"), [(7, 1), (96, 1), (97, 2), (203, 3)])
def test_rows_that_grow_band_by_band_are_those_that_grow_at_once(height, doublings):
    small = shrink(torch.rand(1, 2, height, 10), doublings)
    whole, rows = grow(small, doublings, height, 10), growing(small, doublings, height, 10)
    assert isinstance(rows, Rows)
    bands = [rows.rows(slice(top, min(top + 96, height))) for top in range(0, height, 96)]
    assert torch.equal(torch.cat(bands, dim=-2), whole)
