"""Optical flow against movements that are known, and its colors."""

import pytest
import torch
from torch import Tensor

from scope_control.flow import flow
from scope_control.maps.base import Shot
from scope_control.maps.flow import certain, flow_colors
from scope_gpu.image.blur import gaussian_blur


def texture(height: int = 120, width: int = 160) -> Tensor:
    """Fine and coarse grain, as pictures have."""
    noise = torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(5)) - 0.5
    return 0.5 + 2.0 * gaussian_blur(noise, 2.0) + 8.0 * gaussian_blur(noise, 8.0)


@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, 0), (-2, 1), (0, -5), (7, 6)])
def test_a_shift_of_the_picture_is_measured_in_pixels(right, down):
    wide = texture(160, 200)
    now, before = wide[..., 20:140, 20:180], wide[..., 20 + down : 140 + down, 20 + right : 180 + right]
    field = flow(now, before)[..., 16:-16, 16:-16]
    assert field.shape == (1, 2, 88, 128)
    error = (field - torch.tensor([right, down]).view(1, 2, 1, 1)).norm(dim=1)
    speed = (right**2 + down**2) ** 0.5
    assert float(error.median()) < 0.05 + 0.03 * speed
    assert float(error.quantile(0.95)) < 0.1 + 0.1 * speed


def test_two_halves_that_move_apart_are_told_apart():
    wide = texture(120, 200)
    now = wide[..., 20:180]
    before = torch.cat([wide[..., :60, 23:183], wide[..., 60:, 17:177]], dim=-2)
    field = flow(now, before)[0, 0]
    assert float(field[10:45, 20:-20].median()) == pytest.approx(3.0, abs=0.3)
    assert float(field[75:110, 20:-20].median()) == pytest.approx(-3.0, abs=0.3)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_flat_pictures_are_at_rest(value):
    flat = torch.full((1, 1, 40, 60), value)
    assert float(flow(flat, flat).abs().max()) < 1e-4
    assert float(flow(flat, 1.0 - flat).abs().max()) < 1e-2


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (49, 97)])
def test_odd_and_tiny_pictures_have_a_flow_of_their_size(size):
    field = flow(torch.rand(2, 1, *size), torch.rand(2, 1, *size))
    assert field.shape == (2, 2, *size)
    assert field.isfinite().all()


def test_noise_over_a_picture_at_rest_is_no_movement_and_a_slow_pan_under_it_is():
    seeded, wide = torch.Generator().manual_seed(3), texture(120, 168)
    now, rest, pan = wide[..., 4:164], wide[..., 4:164], wide[..., 5:165]
    noisy = [picture + 0.008 * torch.randn(now.shape, generator=seeded) for picture in (now, rest, pan)]
    at_rest, panned = (
        certain(flow(noisy[0], before), Shot(noisy[0], before, 0))[..., 16:-16, 16:-16] for before in noisy[1:]
    )
    assert float(at_rest.norm(dim=1).quantile(0.99)) < 0.01
    assert float(panned[:, 0].median()) == pytest.approx(1.0, abs=0.1)


def color_of(x: float, y: float, full: float = 1.0) -> list[float]:
    return flow_colors(torch.tensor([x, y]).view(1, 2, 1, 1), full=full).flatten().tolist()


def test_the_wheel_has_the_colors_of_the_benchmark():
    assert color_of(0, 0) == pytest.approx([1, 1, 1])
    assert color_of(1, 0) == pytest.approx([1, 0, 0], abs=0.01)
    # A quarter of the 55 steps lies at 13.75 of the 15 between red and yellow.
    assert color_of(0, 1) == pytest.approx([1, 13.75 / 15, 0], abs=0.01)
    assert color_of(-1, 0) == pytest.approx([0, 8.5 / 11, 1], abs=0.3)
    assert color_of(0, -1) == pytest.approx([0.4, 0, 1], abs=0.1)


def test_speed_is_saturation_and_stops_at_full():
    assert color_of(1, 0, full=2.0) == pytest.approx([1, 0.5, 0.5], abs=0.01)
    assert color_of(9, 0, full=2.0) == color_of(2, 0, full=2.0)


def test_the_wheel_closes():
    assert color_of(1, 1e-6) == pytest.approx(color_of(1, -1e-6), abs=1e-3)
