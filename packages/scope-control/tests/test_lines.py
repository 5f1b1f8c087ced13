"""Thin ridges, hysteresis against a flood fill, and the brush."""

from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from scope_control import lines
from scope_control.lines import HYSTERESIS_STEPS, connected, hysteresis, spread, thicken, thin
from scope_gpu.image.gradients import magnitude, sobel


def flood_fill(strong: list[list[bool]], weak: list[list[bool]]) -> list[list[bool]]:
    """The reference: weak pixels reached from strong ones over any distance, eight neighbours each."""
    height, width = len(weak), len(weak[0])
    kept = [[False] * width for _ in range(height)]
    stack = [(y, x) for y in range(height) for x in range(width) if strong[y][x]]
    while stack:
        y, x = stack.pop()
        if not (0 <= y < height and 0 <= x < width) or kept[y][x] or not weak[y][x]:
            continue
        kept[y][x] = True
        stack += [(y + down, x + right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return kept


@st.composite
def masks(draw) -> tuple[Tensor, Tensor]:
    """A weak mask of 1 to 16 pixels a side and a strong part of it."""
    height, width = draw(st.integers(1, 16)), draw(st.integers(1, 16))
    seeded = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    values = torch.rand(2, 1, height, width, generator=seeded)
    weak = values < draw(st.floats(0.2, 0.8))
    return weak & (torch.rand(values.shape, generator=seeded) < 0.1), weak


def snake(size: int) -> tuple[Tensor, Tensor]:
    """One weak line that winds through the whole picture, strong only at its beginning."""
    weak = torch.zeros(1, 1, size, size, dtype=torch.bool)
    weak[..., ::2, :] = True
    weak[..., 1::4, -1] = True
    weak[..., 3::4, 0] = True
    strong = torch.zeros_like(weak)
    strong[..., 0, 0] = True
    return strong, weak


@pytest.mark.parametrize("fill", [connected, partial(spread, steps=HYSTERESIS_STEPS)])
@given(pair=masks())
def test_hysteresis_is_a_flood_fill_of_the_weak_pixels(fill, pair):
    strong, weak = pair
    kept = fill(strong, weak)
    for index in range(strong.shape[0]):
        assert kept[index, 0].tolist() == flood_fill(strong[index, 0].tolist(), weak[index, 0].tolist())


def test_hysteresis_follows_a_winding_line_to_its_end_and_on_a_gpu_for_a_fixed_number_of_pixels():
    strong, weak = snake(41)
    assert torch.equal(connected(strong, weak), weak)
    # A corner is cut diagonally, so that the way is counted in moves of a king.
    assert 100 < int(spread(strong, weak, 100).sum()) < 110
    assert torch.equal(spread(strong, weak, 2000), weak)


@given(seed=st.integers(0, 1000), low=st.floats(0.0, 1.5), height=st.integers(1, 12), width=st.integers(1, 12))
def test_ridges_above_a_level_are_those_ridges_that_are_above_it(seed, low, height, width):
    picture = torch.rand(2, 1, height, width, generator=torch.Generator().manual_seed(seed))
    dx, dy = sobel(picture)
    strength = magnitude(dx, dy)
    everywhere = lines._is_ridge(dx, dy, strength, lines._neighbours(strength))
    assert torch.equal(thin(dx, dy, strength, low), everywhere & (strength >= low))


def test_hysteresis_keeps_nothing_without_a_strong_pixel():
    weak = torch.ones(1, 1, 9, 9, dtype=torch.bool)
    assert not hysteresis(torch.zeros_like(weak), weak).any()


@given(turns=st.integers(0, 3), flip=st.booleans())
def test_ridges_are_one_pixel_wide_whichever_way_the_picture_is_turned(turns, flip):
    step = torch.zeros(1, 1, 12, 12)
    step[..., 5:] = 1.0
    step = torch.rot90(step.flip(-1) if flip else step, turns, dims=(-2, -1))
    dx, dy = sobel(step)
    ridges = thin(dx, dy, magnitude(dx, dy)).sum(dim=-2 if turns % 2 else -1)
    assert (ridges == 1).all()


def test_a_ridge_is_found_between_pixels_along_a_slanted_gradient():
    x, y = torch.arange(40.0)[None, :], torch.arange(40.0)[:, None]
    for slope in (0.3, 0.7, 1.0, -0.45):
        edge = torch.sigmoid((y - 20 - slope * (x - 20)) / 1.5)[None, None]
        dx, dy = sobel(edge)
        ridges = thin(dx, dy, magnitude(dx, dy))[0, 0, 5:-5, 5:-5].nonzero() + 5
        distance = (ridges[:, 0] - 20 - slope * (ridges[:, 1] - 20)).abs() / (1 + slope**2) ** 0.5
        assert float(distance.max()) < 0.8
        assert sorted(set(ridges[:, 1].tolist())) == list(range(5, 35))


@pytest.mark.parametrize("width", range(1, 10))
def test_the_brush_is_as_wide_as_it_says_and_round(width):
    dot = torch.zeros(1, 1, 21, 21)
    dot[..., 10, 10] = 1.0
    drawn = thicken(dot, width)[0, 0]
    assert int(drawn.amax(dim=0).sum()) == int(drawn.amax(dim=1).sum()) == width
    assert torch.equal(drawn, drawn.T)
    assert set(drawn.unique().tolist()) <= {0.0, 1.0}
    if width >= 4:
        assert float(drawn.sum()) == pytest.approx(torch.pi * width**2 / 4, rel=0.15)
