"""Text becomes textures: legible, complete, cached, and never an error."""

import logging
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scope_synth.typography.lettering import Lettering, wrap
from scope_synth.typography.sampler import sample

LETTERING = Lettering("", torch.device("cpu"))
WORDS = st.lists(st.text("abcdefg", min_size=1, max_size=12), min_size=1, max_size=30).map(" ".join)


def test_a_texture_holds_the_glyphs_side_by_side():
    single, double = LETTERING.texture("I"), LETTERING.texture("I I")
    assert float(single.max()) == 1.0
    assert double.shape[0] == single.shape[0]
    # The same stem stands at both ends, with nothing in the middle.
    stem = single.shape[1]
    torch.testing.assert_close(double[:, :stem], double[:, -stem:], atol=0.6, rtol=0)
    assert float(double[:, double.shape[1] // 2].max()) == 0.0


def test_lines_stand_under_one_another_in_the_middle():
    block = LETTERING.texture("I\nWWW")
    line_height = LETTERING.texture("W").shape[0]
    assert block.shape[0] == 2 * line_height
    upper = block[:line_height].amax(0).nonzero()
    assert abs(float(upper.float().mean()) - block.shape[1] / 2) < 4


def test_a_texture_is_rasterised_once():
    assert LETTERING.texture("once") is LETTERING.texture("once")


def test_the_textures_used_last_are_kept_within_a_budget():
    lettering = Lettering("", torch.device("cpu"))
    first, often = lettering.texture("first"), lettering.texture("often")
    for number in range(20):
        lettering.texture(f"{number} " * 60)
        assert lettering.texture("often") is often
    assert lettering.texture("first") is not first


@given(st.text(st.characters(codec=None)))
@settings(deadline=None)
def test_any_text_can_be_drawn(text):
    drawable = LETTERING.drawable(text)
    assert drawable.isascii()
    assert drawable.isprintable()
    assert LETTERING.texture(drawable).numel() > 0


def test_the_builtin_font_takes_accents_off_and_leaves_out_what_it_lacks():
    assert LETTERING.drawable("  Café\n déjà   vu 東京!") == "Cafe deja vu !"


def test_a_text_is_cut_where_it_would_be_too_long_to_read():
    assert len(LETTERING.drawable("word " * 500)) <= 400


def test_a_font_of_the_users_keeps_every_character():
    path = next(iter(sorted(Path("/usr/share/fonts").rglob("*.ttf"))), None)
    if path is None:
        pytest.skip("no TrueType font on this machine")
    lettering = Lettering(str(path), torch.device("cpu"))
    assert lettering.drawable("Ca\x00f\ud800é") == "Café"
    assert lettering.texture("Café").shape != LETTERING.texture("Café").shape


@pytest.mark.parametrize("font", ["no-such-font.ttf", "/", "null\0byte", __file__])
def test_a_font_that_cannot_be_read_is_named_and_the_builtin_one_used(font, caplog):
    with caplog.at_level(logging.WARNING):
        lettering = Lettering(font, torch.device("cpu"))
    assert f"parameter 'synth_font' expected a font file, got {font!r}" in caplog.text
    assert torch.equal(lettering.texture("a"), LETTERING.texture("a"))


@given(WORDS, st.floats(0.05, 20.0))
def test_wrapping_keeps_every_word_in_order(text, shape):
    assert wrap(text, shape).split() == text.split()


def test_a_tall_frame_gets_more_lines_than_a_wide_one():
    text = "six little words in a row"
    assert wrap(text, 20.0) == text
    assert wrap(text, 0.2).count("\n") >= 4


def test_a_texture_much_larger_than_its_picture_is_averaged_not_skipped():
    stripes = torch.tensor([1.0, 0.0]).repeat(64, 64)
    x = torch.linspace(-0.7, 0.7, 7).expand(3, -1)
    y = torch.linspace(-0.7, 0.7, 3)[:, None].expand(-1, 7)
    torch.testing.assert_close(sample(stripes, x, y, 4.0), torch.full((3, 7), 0.5), atol=0.02, rtol=0)


def test_there_is_nothing_outside_a_texture():
    outside = torch.tensor([[-1.5, 1.5]])
    assert torch.equal(sample(torch.ones(8, 8), outside, torch.zeros(1, 2), 8.0), torch.zeros(1, 2))
