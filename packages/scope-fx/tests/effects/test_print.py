"""Pixelate, posterise and halftone: tiles, steps and dots with the right averages."""

import pytest
import torch
from torch.nn import functional as F

from scope_fx.effects.halftone import Halftone
from scope_fx.effects.pixelate import Pixelate
from scope_fx.effects.posterize import Posterize
from scope_gpu.image.color import luma
from scope_gpu.plugin.chain import run_effect


def pixelate(frames, amount, shape):
    return run_effect(Pixelate(), frames, pixelate=amount, pixelate_shape=shape)


def posterize(frames, amount, levels):
    return run_effect(Posterize(), frames, posterize=amount, posterize_levels=levels)


def halftone(frames, amount, size, inks):
    return run_effect(Halftone(), frames, halftone=amount, halftone_size=size, halftone_inks=inks)


def test_tiles_are_the_means_of_what_they_cover(picture):
    frames = F.interpolate(picture, (96, 96))
    means = F.avg_pool2d(frames, 8)
    expected = means.repeat_interleave(8, -1).repeat_interleave(8, -2)
    torch.testing.assert_close(pixelate(frames, 1.0, "square"), expected)


def test_tiles_grow_with_the_amount(picture):
    frames = F.interpolate(picture, (96, 96))
    tiles = [pixelate(frames, amount, "square")[0, 0].unique().numel() for amount in (0.01, 0.5, 1.0)]
    assert tiles[0] > tiles[1] > tiles[2]


def test_lamps_are_round_and_on_black():
    out = pixelate(torch.full((1, 3, 96, 96), 0.5), 1.0, "lamps")
    assert (out[..., ::8, ::8] == 0.0).all()
    torch.testing.assert_close(out[..., 4::8, 4::8], torch.full((1, 3, 12, 12), 0.65))


@pytest.mark.parametrize("levels", [2, 5, 16])
def test_a_grey_ramp_falls_into_equal_steps(levels):
    ramp = torch.linspace(0.0, 1.0, 256).expand(1, 3, 1, 256)
    out = posterize(ramp, 1.0, levels)
    expected = torch.round(ramp * (levels - 1)) / (levels - 1)
    torch.testing.assert_close(out, expected, atol=1e-5, rtol=0)


def test_posterised_colours_keep_their_differences():
    colour = torch.tensor([0.6, 0.5, 0.4]).view(1, 3, 1, 1)
    out = posterize(colour, 1.0, 3)
    torch.testing.assert_close(luma(out), torch.full((1, 1, 1, 1), 0.5))
    torch.testing.assert_close(out - luma(out), colour - luma(colour))


@pytest.mark.parametrize("grey", [0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98])
@pytest.mark.parametrize("size", [2.0, 7.0])
def test_black_dots_cover_as_much_as_the_grey_is_dark(grey, size):
    out = halftone(torch.full((1, 3, 300, 300), grey), 1.0, size, "black")
    assert out.mean().item() == pytest.approx(grey, abs=0.006)


def test_coloured_dots_average_to_the_colour():
    colour = torch.tensor([0.8, 0.45, 0.2]).view(1, 3, 1, 1)
    out = halftone(colour.expand(1, 3, 400, 400), 1.0, 3.0, "cmyk")
    torch.testing.assert_close(out.mean((-1, -2)), colour[..., 0, 0], atol=0.015, rtol=0)


@pytest.mark.parametrize("inks", ["cmyk", "black"])
@pytest.mark.parametrize("paper", [0.0, 1.0])
def test_black_and_white_print_without_dots(inks, paper):
    field = torch.full((1, 3, 60, 80), paper)
    torch.testing.assert_close(halftone(field, 1.0, 4.0, inks), field, atol=1e-3, rtol=0)


def test_a_print_is_mostly_bare_paper_or_full_ink():
    out = halftone(torch.full((1, 3, 300, 300), 0.6), 1.0, 8.0, "black")
    between = ((out > 0.05) & (out < 0.95)).float().mean()
    assert between < 0.15


def test_dots_lie_as_far_apart_as_stated():
    """At 45 degrees rows of dots repeat every cell * sqrt(2) pixels along a line."""
    cell = 300 * 0.05
    row = halftone(torch.full((1, 3, 300, 300), 0.85), 1.0, 5.0, "black")[0, 0].mean(0)
    spectrum = torch.fft.rfft(row - row.mean()).abs()
    assert 300 / spectrum.argmax().item() == pytest.approx(cell / 2**0.5, rel=0.05)


def test_half_of_it_is_the_mean_of_picture_and_print(picture):
    half, whole = (halftone(picture, amount, 8.0, "cmyk") for amount in (0.5, 1.0))
    torch.testing.assert_close(half, (picture + whole) / 2)
