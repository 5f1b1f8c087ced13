"""Gradient noise: its range, its smoothness, its repeats, and that grids and sheets have its values."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scope_gpu.image.hashing import pcg3d
from scope_gpu.image.noise import Span, fbm_grid, fbm_sheet, noise_grid

ENDS = st.floats(-200.0, 200.0)


def mesh(x: Span, y: Span, device: str = "cpu") -> tuple[torch.Tensor, torch.Tensor]:
    columns, rows = x.positions(device), y.positions(device)
    return columns.expand(y.count, -1).contiguous(), rows[:, None].expand(-1, x.count).contiguous()


def gradient(node, seed):
    """A direction out of two hashed numbers, evenly spread over the sphere, 2 / sqrt(3) long."""
    x, y, z = (torch.tensor(v) for v in (node[0] % 64, node[1] % 64, node[2] + seed * 0x9E3779B1))
    turn, height, _ = (float(h) / 2**32 for h in pcg3d(x, y, z))
    radius = math.sqrt(1.0 - (2.0 * height - 1.0) ** 2)
    direction = radius * math.cos(math.tau * turn), radius * math.sin(math.tau * turn), 2.0 * height - 1.0
    return [2.0 / math.sqrt(3.0) * part for part in direction]


def gradient_noise(point, seed):
    """Perlin's formula at one point, with Python's floats."""
    total = 0.0
    for corner in itertools.product((0, 1), repeat=3):
        node = [math.floor(p) + c for p, c in zip(point, corner, strict=True)]
        away = [p - n for p, n in zip(point, node, strict=True)]
        weight = math.prod(t**3 * (t * (t * 6 - 15) + 10) for t in (1 - abs(d) for d in away))
        total += weight * sum(g * d for g, d in zip(gradient(node, seed), away, strict=True))
    return total


def span_at(*places):
    """A span whose pixels lie at evenly spaced places, two or more."""
    half = (places[1] - places[0]) / 2.0
    return Span(places[0] - half, places[-1] + half, len(places))


@pytest.mark.parametrize("point", [(3.3, 7.9, 2.5), (10.5, 0.25, 31.2), (62.8, 1.1, 0.7), (63.5, 63.5, 5.0)])
def test_values_are_those_of_perlins_formula(point):
    x, y, z = point
    got = noise_grid(span_at(x, x + 1.7), span_at(y, y - 0.6), z, seed=5, device="cpu")
    places = [[(px, py, z) for px in (x, x + 1.7)] for py in (y, y - 0.6)]
    expected = torch.tensor([[gradient_noise(place, seed=5) for place in row] for row in places])
    torch.testing.assert_close(got, expected, atol=1e-4, rtol=0)


@given(ENDS, ENDS, ENDS, ENDS, st.floats(-1e6, 1e6), st.integers(0, 2**70), st.integers(1, 24), st.integers(1, 24))
@settings(deadline=None, max_examples=20)
def test_a_grid_of_any_span_has_the_size_and_the_range_of_noise(x0, x1, y0, y1, z, seed, columns, rows):
    grid = noise_grid(Span(x0, x1, columns), Span(y0, y1, rows), z, seed, "cpu")
    assert grid.shape == (rows, columns)
    assert float(grid.abs().max()) <= 1.0


@given(st.floats(-90.0, 90.0), st.floats(-90.0, 90.0), st.floats(0.1, 3.0), st.integers(0, 2**70))
@settings(deadline=None, max_examples=15)
def test_a_sheet_has_the_values_of_the_grid_wherever_it_lies(left, top, side, seed):
    x, y = Span(left + 0.1, left + side, 30), Span(top + 0.1, top + side, 20)
    sheet = fbm_sheet((left, left + side + 0.1), (top, top + side + 0.1), 1.7, seed, "cpu", 4.5)
    torch.testing.assert_close(sheet.read(*mesh(x, y)), fbm_grid(x, y, 1.7, seed, "cpu", 4.5), atol=0.012, rtol=0)


def test_what_is_lost_between_the_texels_of_a_sheet_is_not_seen():
    x, y = Span(0.1, 6.9, 200), Span(0.1, 6.9, 200)
    lost = fbm_sheet((0.0, 7.0), (0.0, 7.0), 1.7, 3, "cpu", 6.0).read(*mesh(x, y)) - fbm_grid(x, y, 1.7, 3, "cpu", 6.0)
    assert float(lost.square().mean().sqrt()) < 2e-3


def test_noise_fills_its_range_without_leaving_it():
    x, y = Span(0.0, 60.0, 480), Span(0.0, 60.0, 480)
    slices = torch.stack([noise_grid(x, y, 0.37 * k, 11, "cpu") for k in range(8)])
    assert 0.7 < float(slices.abs().max()) <= 1.0
    assert abs(float(slices.mean())) < 0.02


def test_noise_is_smooth_in_time_across_lattice_planes():
    x, y = Span(0.0, 8.0, 64), Span(0.0, 8.0, 64)
    films = torch.stack([noise_grid(x, y, 2.9 + 0.01 * k, 1, "cpu") for k in range(21)])
    steps = films.diff(dim=0).abs().amax((1, 2))
    assert float(steps.max()) < 0.05
    assert float(steps.diff().abs().max()) < 0.01


def test_late_in_a_long_film_time_is_as_fine_as_at_its_start():
    x, y = Span(0.0, 8.0, 32), Span(0.0, 8.0, 32)
    late = 3600.0 * 24 * 30
    step = (noise_grid(x, y, late + 0.501, 1, "cpu") - noise_grid(x, y, late + 0.5, 1, "cpu")).abs().max()
    assert 1e-5 < float(step) < 1e-2


def test_a_sheet_repeats_after_its_period():
    here, there = (fbm_sheet((x, x + 1.0), (0.0, 1.0), 0.3, 2, "cpu", 4.0, (8, 64)).texels for x in (0.0, 8.0))
    torch.testing.assert_close(here, there, atol=1e-4, rtol=0)


def test_a_sheet_wider_than_the_period_of_its_lattice_starts_again():
    texels = fbm_sheet((0.0, 70.0), (0.0, 0.2), 0.3, 2, "cpu", 1.0).texels
    torch.testing.assert_close(texels[..., : 6 * 64], texels[..., 64 * 64 :], atol=1e-4, rtol=0)


def test_a_sheet_for_coarse_pixels_is_coarse_and_leaves_out_what_they_cannot_show():
    fine, coarse = (fbm_sheet((0.0, 8.0), (0.0, 8.0), 0.3, 2, "cpu", 4.0, pixel=pixel) for pixel in (0.01, 0.5))
    assert fine.texels.shape[-2:] == (512, 512)
    assert coarse.texels.shape[-2:] == (32, 32)
    places = mesh(Span(0.5, 7.5, 20), Span(0.5, 7.5, 20))
    assert 0.0 < float((fine.read(*places) - coarse.read(*places)).abs().mean()) < 0.1


def test_a_fraction_of_an_octave_is_faded_in():
    x, y = Span(0.0, 4.0, 32), Span(0.0, 4.0, 32)
    two, nearly, half = (fbm_grid(x, y, 0.5, 3, "cpu", octaves) for octaves in (2.0, 2.001, 2.5))
    assert float((two - nearly).abs().max()) < 1e-3 < float((two - half).abs().max())


def test_another_seed_is_another_noise():
    x, y = Span(0.0, 30.0, 128), Span(0.0, 30.0, 128)
    pair = torch.stack([noise_grid(x, y, 0.5, seed, "cpu").flatten() for seed in (1, 2)])
    assert abs(float(torch.corrcoef(pair)[0, 1])) < 0.1


@pytest.mark.gpu
def test_a_gpu_gives_the_noise_of_the_cpu():
    x, y = Span(-3.0, 4.0, 64), Span(1.0, 5.0, 48)
    torch.testing.assert_close(fbm_grid(x, y, 1.7, 3, "cuda").cpu(), fbm_grid(x, y, 1.7, 3, "cpu"), atol=1e-4, rtol=0)
    sheets = [fbm_sheet((-3.0, 4.0), (1.0, 5.0), 1.7, 3, device).texels.cpu() for device in ("cuda", "cpu")]
    torch.testing.assert_close(*sheets, atol=1e-4, rtol=0)
