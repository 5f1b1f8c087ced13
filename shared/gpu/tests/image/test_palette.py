"""Palettes: closed loops in gamut, readable from text, looked up anywhere."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_gpu.image.palette import (
    PALETTES,
    PaletteError,
    colorize,
    loop_table,
    palette_table,
)


@pytest.mark.parametrize("name", PALETTES)
def test_a_palette_is_a_smooth_closed_loop_of_colours(name):
    table = palette_table(name)
    steps = (table - table.roll(1, dims=1)).abs()
    assert table.shape == (3, 4096)
    assert 0.0 <= float(table.min()) <= float(table.max()) <= 1.0
    assert float(steps.max()) * 255.0 < 2.0


def test_palettes_differ():
    tables = torch.stack([palette_table(name) for name in PALETTES])
    distances = torch.cdist(tables.flatten(1), tables.flatten(1)) + 1e9 * torch.eye(len(PALETTES))
    assert float(distances.min()) > 10.0


def test_an_unknown_palette_is_named():
    with pytest.raises(PaletteError, match=r"expected a palette out of sunset, .*, got 'plaid'"):
        palette_table("plaid")


def test_a_loop_passes_through_its_colours_evenly():
    table = loop_table("#102030, fff 8040c0 #000000")
    expected = torch.tensor([[0x10, 0x20, 0x30], [255, 255, 255], [0x80, 0x40, 0xC0], [0, 0, 0]]) / 255.0
    torch.testing.assert_close(table[:, [0, 1024, 2048, 3072]].T, expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize(
    ("colors", "message"),
    [
        ("", "expected at least two colours such as '#0b1026 #ff8c42', got ''"),
        ("#fff", "expected at least two colours .*, got '#fff'"),
        ("#fff red", "expected colours such as '#ff8c42', got 'red'"),
        ("#ffff #000", "got '#ffff'"),
    ],
)
def test_colours_that_cannot_be_read_are_named(colors, message):
    with pytest.raises(PaletteError, match=message):
        loop_table(colors)


@given(st.text())
def test_any_text_makes_a_palette_or_a_palette_error(colors):
    try:
        table = loop_table(colors)
    except PaletteError:
        return
    assert torch.isfinite(table).all()


def test_a_lookup_runs_round_the_loop_in_both_directions():
    table = palette_table("rainbow")
    index = torch.tensor([[0.25, 1.25, -0.75, 1000.25]])
    colors = colorize(index, table)
    assert colors.shape == (3, 1, 4)
    assert torch.equal(colors, table[:, [1024, 1024, 1024, 1024]][:, None])
