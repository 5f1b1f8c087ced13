"""Transfer curves, luma and colour matrices."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_gpu.image.color import (
    byte_curve,
    curve,
    hue_matrix,
    linear_to_srgb,
    luma,
    matrix_product,
    mix_channels,
    pairs,
    saturation_matrix,
    srgb_to_linear,
)

COLOURS = torch.rand(2, 3, 4, 5, generator=torch.Generator().manual_seed(1))
IDENTITY = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


@given(st.floats(0.0, 1.0, width=32))
def test_the_curve_is_that_of_the_standard(value):
    expected = value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
    assert srgb_to_linear(torch.full((3, 1, 1), value))[0].item() == pytest.approx(expected, abs=1e-6)


@given(st.floats(0.0, 1.0, width=32))
def test_the_curves_undo_each_other(value):
    there = srgb_to_linear(torch.full((3, 1, 1), value))
    assert linear_to_srgb(there)[0].item() == pytest.approx(value, abs=2e-6)


def test_the_curves_leave_their_input_and_the_ends_alone():
    ends = torch.tensor([0.0, 1.0, 0.5]).view(3, 1, 1)
    before = ends.clone()
    assert srgb_to_linear(ends)[:2].flatten().tolist() == pytest.approx([0.0, 1.0], abs=1e-6)
    assert linear_to_srgb(ends)[:2].flatten().tolist() == pytest.approx([0.0, 1.0], abs=1e-6)
    assert torch.equal(ends, before)


def test_light_brighter_than_white_continues_the_curve():
    assert linear_to_srgb(torch.full((3, 1, 1), 2.0))[0].item() == pytest.approx(1.055 * 2 ** (1 / 2.4) - 0.055)


def test_luma_weighs_the_channels_by_rec_709():
    red, green, blue = (luma(torch.tensor(c).view(3, 1, 1)).item() for c in ([1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]))
    assert [red, green, blue] == pytest.approx([0.2126, 0.7152, 0.0722])


def test_a_matrix_multiplies_each_colour():
    matrix = [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]]
    expected = torch.einsum("ij,tjhw->tihw", torch.tensor(matrix), COLOURS)
    torch.testing.assert_close(mix_channels(COLOURS, matrix), expected)


def test_a_product_applies_the_right_matrix_first():
    left, right = hue_matrix(40.0), saturation_matrix(1.7)
    torch.testing.assert_close(
        mix_channels(COLOURS, matrix_product(left, right)), mix_channels(mix_channels(COLOURS, right), left)
    )


@given(st.floats(-360.0, 360.0), st.floats(0.0, 2.0))
def test_hue_and_saturation_keep_luma(degrees, factor):
    for matrix in (hue_matrix(degrees), saturation_matrix(factor)):
        torch.testing.assert_close(luma(mix_channels(COLOURS, matrix)), luma(COLOURS), atol=1e-5, rtol=0)


def test_hues_add_up_to_a_circle():
    third = hue_matrix(120.0)
    torch.testing.assert_close(
        torch.tensor(matrix_product(third, matrix_product(third, third))), torch.tensor(IDENTITY)
    )
    torch.testing.assert_close(torch.tensor(hue_matrix(0.0)), torch.tensor(IDENTITY))


def test_hue_turns_red_towards_green():
    red = torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1)
    assert mix_channels(red, hue_matrix(60.0))[1] > mix_channels(red, hue_matrix(-60.0))[1]


def test_a_curve_is_read_from_its_table():
    table = torch.stack([torch.linspace(0.0, 1.0, 1025) ** power for power in (1.0, 2.0, 0.5)])
    picture = torch.rand(1, 3, 6, 7, generator=torch.Generator().manual_seed(1)) * 0.9 + 0.1
    expected = torch.stack([picture[0, i] ** power for i, power in enumerate((1.0, 2.0, 0.5))])[None]
    torch.testing.assert_close(curve(picture.clone(), table), expected, atol=2e-3, rtol=0)
    ends = torch.tensor([0.0, 1.0]).expand(1, 3, 1, 2)
    torch.testing.assert_close(curve(ends.clone(), table), ends)


def test_channels_mix_alike_alone_in_batches_and_by_tensors():
    matrix = hue_matrix(70.0)
    batch = torch.rand(2, 3, 4, 5, generator=torch.Generator().manual_seed(2))
    whole = mix_channels(batch, matrix)
    torch.testing.assert_close(whole, torch.einsum("ij,tjhw->tihw", torch.tensor(matrix), batch))
    torch.testing.assert_close(mix_channels(batch[1:, :, 1:3], matrix), whole[1:, :, 1:3])
    torch.testing.assert_close(mix_channels(batch, [[torch.tensor(v) for v in row] for row in matrix]), whole)


@pytest.mark.parametrize("width", [6, 7])
def test_bytes_find_their_value_in_a_table_exactly(width):
    table, values = torch.rand(3, 256), torch.randint(0, 256, (1, 3, 5, width), dtype=torch.uint8)
    expected = torch.stack([table[channel][values[0, channel].long()] for channel in range(3)])[None]
    assert torch.equal(byte_curve(values, pairs(table), torch.empty(1, 3, 5, width)), expected)
