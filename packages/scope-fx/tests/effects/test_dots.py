"""Dither and ASCII: masks, inks in the right proportion, characters of the right shape."""

import pytest
import torch

from scope_fx.effects.ascii import Ascii, AsciiFields, best, parts, typed
from scope_fx.effects.dither import Dither
from scope_fx.effects.glyphs import bins, glyphs
from scope_fx.effects.ramps import ENTRIES, ramp
from scope_fx.effects.thresholds import bayer, blue_noise, laid_out
from scope_gpu.plugin.chain import run_effect
from scope_gpu.plugin.effect import Context


@pytest.mark.parametrize(("mask", "side"), [(bayer, 8), (blue_noise, 64)])
def test_a_mask_holds_every_threshold_once(mask, side):
    expected = (torch.arange(side * side) + 0.5) / side**2
    torch.testing.assert_close(mask().flatten().sort().values, expected)


def test_blue_noise_has_no_coarse_patterns():
    power = torch.fft.fft2(blue_noise() - 0.5).abs().square()
    frequency = torch.fft.fftfreq(64)
    radius = torch.hypot(frequency[:, None], frequency[None, :])
    assert power[(radius > 0) & (radius < 0.2)].mean() < 0.05 * power[radius > 0.3].mean()


def dither(frames, **controls):
    return run_effect(Dither(), frames, dither=1.0, **{f"dither_{name}": value for name, value in controls.items()})


@pytest.mark.parametrize(("pattern", "within"), [("bayer", 1 / 128), ("blue noise", 1 / 4096)])
@pytest.mark.parametrize(("value", "inks"), [(0.1, 2), (0.5, 3), (0.8, 8)])
def test_inks_give_the_light_of_a_flat_field_in_the_mean(pattern, within, value, inks):
    out = dither(torch.full((1, 3, 65, 65), value), inks=inks, pattern=pattern, size=0.1)[..., :64, :64]
    assert out.square().mean().item() == pytest.approx(value**2, abs=within)
    assert len(out.unique()) <= inks


@pytest.mark.parametrize("inks", [2, 5, 8])
def test_only_inks_of_the_ramp_are_used(inks, picture):
    out = dither(picture, inks=inks, colors="ember")
    allowed = ramp("ember")[:, torch.linspace(0, ENTRIES - 1, inks).round().long()].T
    assert all((allowed - color).abs().sum(1).min() < 1e-6 for color in out.movedim(1, -1).flatten(0, 2).unique(dim=0))


def test_a_dot_is_a_square_of_pixels_about_the_middle(picture):
    """Nine rows of four lines, and sixteen columns that want seventeen, of which the outer ones are cut in half."""
    rows = dither(picture, inks=2, size=10.0).unflatten(-2, (9, 4))
    assert (rows == rows[..., :1, :]).all()
    columns = rows[..., 2:-2].unflatten(-1, (15, 4))
    assert (columns == columns[..., :1]).all()


def test_a_mask_is_laid_out_side_by_side():
    laid = laid_out(torch.arange(4.0).view(2, 2), 3, 5)
    assert laid.tolist() == [[0, 1, 0, 1, 0], [2, 3, 2, 3, 2], [0, 1, 0, 1, 0]]


@pytest.mark.parametrize("kind", ["text", "binary", "blocks", "strokes"])
def test_characters_are_coverage_and_the_first_is_empty(kind):
    drawn = glyphs(kind, 12, 7)
    assert (drawn[0] == 0.0).all()
    assert (drawn >= 0.0).all()
    assert (drawn <= 1.0).all()
    assert len({tuple(glyph.flatten().tolist()) for glyph in drawn}) == len(drawn)


def test_bins_take_means_of_even_parts():
    torch.testing.assert_close(bins(7, 3).sum(1), torch.ones(3))
    torch.testing.assert_close(bins(4, 2), torch.tensor([[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]))


def plan_for(height: int, width: int, letters: str):
    context = Context(height, width, 0.0, 0, 1 / 30, 0, None)
    effect, p = Ascii(), AsciiFields(ascii=1.0, ascii_size=8.0)
    variant = effect.variant(p, context)._replace(letters=letters)
    return effect.maps((height, width), torch.device("cpu"), variant)


def test_a_picture_that_was_typed_is_read_back():
    plan = plan_for(150, 112, "blocks")
    height, width = plan.variant.cell
    written = torch.randint(16, (6, 8), generator=torch.Generator().manual_seed(3))
    assert torch.equal(best(parts(typed(written, plan)[0, 0], plan), plan), written)
    assert typed(written, plan).shape == (1, 1, 6 * height, 8 * width)


def test_brighter_cells_take_heavier_characters_and_black_takes_none():
    plan = plan_for(150, 112, "text")
    tones = torch.linspace(0.0, 1.0, 6)[:, None, None].expand(6, 8, 12)
    weights = plan.weights[best(tones * plan.full, plan)]
    assert (weights[0] <= 0.1).all()
    assert (weights.mean(1).diff() > 0.0).all()


def test_black_stays_black():
    assert run_effect(Ascii(), torch.zeros(1, 3, 60, 80), ascii=1.0, ascii_letters="blocks").amax() == 0.0
