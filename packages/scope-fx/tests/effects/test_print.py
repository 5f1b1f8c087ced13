"""Pixelate, posterize and halftone: tiles, steps and dots with the right averages."""

import pytest
import torch
from torch.nn import functional as F

from scope_fx.effects.evening import evened
from scope_fx.effects.halftone import Halftone
from scope_fx.effects.inks import PRESS
from scope_fx.effects.pixelate import Pixelate
from scope_fx.effects.posterize import Posterize, to_steps
from scope_gpu.image.color import luma
from scope_gpu.plugin.chain import run_effect


def pixelate(frames, amount, shape):
    return run_effect(Pixelate(), frames, pixelate=amount, pixelate_shape=shape)


def posterize(frames, amount, levels):
    return run_effect(Posterize(), frames, posterize=amount, posterize_levels=levels)


def halftone(frames, amount, size, inks):
    return run_effect(Halftone(), frames, halftone=amount, halftone_size=size, halftone_inks=inks)


def test_tiles_are_the_means_of_what_they_cover_laid_out_from_the_middle(picture):
    """Twelve rows of eight lines want thirteen, the outer ones cut, so that one has its middle in the middle."""
    frames = F.interpolate(picture, (96, 96))
    means = F.avg_pool2d(F.pad(frames, (4, 4, 4, 4), mode="replicate"), 8)
    expected = means.repeat_interleave(8, -1).repeat_interleave(8, -2)[..., 4:-4, 4:-4]
    torch.testing.assert_close(pixelate(frames, 1.0, "square"), expected)


@pytest.mark.parametrize("shape", ["square", "lamps"])
def test_a_symmetric_picture_gives_a_symmetric_mosaic(shape):
    half = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(5))
    symmetric = half + half.flip(-1)
    out = pixelate(symmetric * 0.5, 0.8, shape)
    torch.testing.assert_close(out, out.flip(-1))


def test_tiles_grow_with_the_amount(picture):
    frames = F.interpolate(picture, (360, 96))
    tiles = [pixelate(frames, amount, "square")[0, 0].unique().numel() for amount in (0.01, 0.5, 1.0)]
    assert tiles[0] > tiles[1] > tiles[2]


def test_lamps_are_round_and_on_black():
    out = pixelate(torch.full((1, 3, 96, 96), 0.5), 1.0, "lamps")
    assert (out[..., 4::8, 4::8] == 0.0).all()
    torch.testing.assert_close(out[..., 8::8, 8::8], torch.full((1, 3, 11, 11), 0.65))


@pytest.mark.parametrize("levels", [2, 5, 16])
def test_a_gray_ramp_falls_into_steps_that_look_equally_far_apart(levels):
    ramp = torch.linspace(0.0, 1.0, 1600).expand(1, 3, 40, 1600)
    tones = posterize(ramp, 1.0, levels)[0, 0, 20]
    place = 0.5 * (tones + tones.sqrt()) * (levels - 1)
    flat = (place - place.round()).abs() < 0.03
    assert flat.float().mean() > 0.7
    assert set(place[flat].round().tolist()) == set(range(levels))


def test_a_posterized_color_keeps_its_hue_and_saturation():
    color = torch.tensor([0.6, 0.45, 0.3]).view(1, 3, 1, 1)
    out = posterize(color.expand(1, 3, 30, 30), 1.0, 4)[:, :, 15:16, 15:16]
    assert not torch.allclose(out, color, atol=0.02)
    torch.testing.assert_close(out / out.amax(), color / 0.6, atol=0.01, rtol=0)


def test_noise_makes_no_speckles_at_the_border_of_two_tones():
    noisy = 0.65 + 0.06 * torch.rand(1, 3, 360, 360, generator=torch.Generator().manual_seed(6))
    plain = (to_steps(luma(noisy), 2.0) - to_steps(luma(noisy), 2.0).roll(1, -1)).abs().mean()
    calm = luma(posterize(noisy, 1.0, 3))
    assert (calm - calm.roll(1, -1)).abs().mean() < 0.2 * plain


PAPER = torch.tensor(PRESS["black"].paper)


@pytest.mark.parametrize("gray", [0.1, 0.25, 0.5, 0.75, 0.9])
@pytest.mark.parametrize("size", [2.0, 7.0])
@pytest.mark.parametrize("amount", [0.4, 1.0])
def test_dots_keep_the_mean_of_a_gray_within_what_ink_and_paper_reach(gray, size, amount):
    out = halftone(torch.full((1, 3, 300, 300), gray), amount, size, "black")
    assert luma(out).mean().item() == pytest.approx(gray, abs=0.02)


@pytest.mark.parametrize("gray", [0.2, 0.5, 0.8])
def test_a_gray_stays_gray_in_four_colors(gray):
    out = halftone(torch.full((1, 3, 400, 400), gray), 1.0, 3.0, "cmyk").mean((-1, -2))[0]
    share = out / PAPER
    torch.testing.assert_close(share, share.mean().expand(3), atol=0.025, rtol=0)


def test_colored_dots_average_to_the_color():
    color = torch.tensor([0.8, 0.5, 0.3]).view(1, 3, 1, 1)
    out = halftone(color.expand(1, 3, 400, 400), 1.0, 3.0, "cmyk")
    torch.testing.assert_close(out.mean((-1, -2)), color[..., 0, 0], atol=0.06, rtol=0)


@pytest.mark.parametrize("inks", ["cmyk", "black"])
def test_white_is_bare_paper_and_black_is_ink(inks):
    white, black = (halftone(torch.full((1, 3, 60, 80), level), 1.0, 4.0, inks) for level in (1.0, 0.0))
    torch.testing.assert_close(white[0, :, 30, 40], PAPER, atol=2e-3, rtol=0)
    assert black.max() < 0.3


def test_dots_are_round_and_of_one_size_in_a_cell():
    """Turned by a quarter, a cell of a straight raster looks the same."""
    out = halftone(torch.full((1, 3, 300, 300), 0.8), 1.0, 10.0, "cmyk")[0, 2]
    cell = out[135:165, 135:165]
    torch.testing.assert_close(cell, cell.rot90(), atol=0.35, rtol=0)


def test_a_print_is_mostly_bare_paper_or_full_ink():
    out = halftone(torch.full((1, 3, 300, 300), 0.6), 1.0, 8.0, "black")[0, 1]
    between = ((out > 0.1) & (out < 0.93)).float().mean()
    assert between < 0.15


def test_dots_lie_as_far_apart_as_stated():
    """At 45 degrees rows of dots repeat every cell * sqrt(2) pixels along a line."""
    row = halftone(torch.full((1, 3, 300, 300), 0.85), 1.0, 5.0, "black")[0, 0].mean(0)
    spectrum = torch.fft.rfft(row - row.mean()).abs()
    assert 300 / spectrum.argmax().item() == pytest.approx(15.0 / 2**0.5, rel=0.05)


def test_less_of_it_makes_smaller_dots_and_shows_the_picture_between_them():
    picture = torch.linspace(0.2, 0.8, 300).expand(1, 3, 300, 300)
    half, whole = (halftone(picture, amount, 8.0, "black") for amount in (0.5, 1.0))
    ink_of_half, ink_of_whole = ((out < 0.5 * picture).float().mean() for out in (half, whole))
    assert 0.0 < ink_of_half < 0.75 * ink_of_whole
    # A little of it is nearly the picture, whose tone it keeps.
    faint = halftone(picture, 0.02, 8.0, "black")
    assert (faint - picture).abs().mean() < 0.04


def test_evening_takes_faint_texture_from_flat_areas_and_leaves_edges():
    texture = 0.02 * torch.randn(1, 1, 96, 96, generator=torch.Generator().manual_seed(3))
    wall = torch.full((1, 1, 96, 96), 0.4)
    assert evened(wall + texture, 0.04)[..., 20:-20, 20:-20].std() < 0.4 * texture.std()
    edge = wall.clone()
    edge[..., 48:] = 0.8
    torch.testing.assert_close(evened(edge, 0.04), edge, atol=0.02, rtol=0)


def test_colored_noise_in_the_dark_is_posterized_to_gray():
    noise = 0.04 * torch.rand(1, 3, 48, 48, generator=torch.Generator().manual_seed(5))
    out = posterize(noise, 1.0, 5)
    spread = (out.amax(dim=1) - out.amin(dim=1)).mean()
    assert spread < 0.3 * (noise.amax(dim=1) - noise.amin(dim=1)).mean()


def test_the_edge_of_a_thing_runs_through_the_dots_on_it():
    """Ink ends where a black thing ends, to a few pixels of cells of 25."""
    picture = torch.ones(1, 3, 250, 250)
    picture[..., 131:] = 0.0
    ink = 1.0 - halftone(picture, 1.0, 10.0, "black")[0, 1].mean(0)
    assert ink[:125].max() < 0.1
    assert ink[137:].min() > 0.9


def test_two_tones_of_a_dark_picture_are_not_both_black():
    dark = torch.linspace(0.0, 0.3, 200).expand(1, 3, 60, 200)
    out = posterize(dark, 1.0, 2)
    assert out[..., 10].max() < 0.02
    assert out[..., 190].min() > 0.2
