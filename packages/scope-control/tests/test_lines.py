"""Thin ridges, hysteresis against a flood fill, and the brush."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from scope_control.lines import HYSTERESIS_STEPS, trace
from scope_control.lines.brush import thicken
from scope_control.lines.dense import ridges, spread
from scope_control.lines.sparse import reached
from scope_gpu.image.gradients import magnitude, slopes, sobel, steepness, strongest_channel


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


def of_runs(strong: Tensor, weak: Tensor) -> Tensor:
    """The sparse way: places in pictures with a border of one pixel."""
    framed_weak, framed_strong = (F.pad(mask, (1, 1, 1, 1)).numpy() for mask in (weak, strong))
    pixels = np.flatnonzero(framed_weak)
    filled = np.zeros(framed_weak.size, dtype=bool)
    filled[pixels[reached(pixels, framed_strong.ravel()[pixels], framed_weak.shape[-1])]] = True
    return torch.from_numpy(filled.reshape(framed_weak.shape))[..., 1:-1, 1:-1]


@pytest.mark.parametrize("fill", [of_runs, partial(spread, steps=HYSTERESIS_STEPS)])
@given(pair=masks())
def test_hysteresis_is_a_flood_fill_of_the_weak_pixels(fill, pair):
    strong, weak = pair
    kept = fill(strong, weak)
    for index in range(strong.shape[0]):
        assert kept[index, 0].tolist() == flood_fill(strong[index, 0].tolist(), weak[index, 0].tolist())


def test_hysteresis_follows_a_winding_line_to_its_end_and_on_a_gpu_for_a_fixed_number_of_pixels():
    strong, weak = snake(41)
    assert torch.equal(of_runs(strong, weak), weak)
    # A corner is cut diagonally, so that the way is counted in moves of a king.
    assert 100 < int(spread(strong, weak, 100).sum()) < 110
    assert torch.equal(spread(strong, weak, 2000), weak)


@given(
    seed=st.integers(0, 1000),
    low=st.floats(0.0, 1.5),
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    channels=st.sampled_from([1, 3]),
)
def test_a_cpu_finds_the_lines_that_a_gpu_finds(seed, low, height, width, channels):
    picture = torch.rand(2, channels, height, width, generator=torch.Generator().manual_seed(seed))
    derivatives = slopes(picture)
    strength = steepness(derivatives)
    everywhere = ridges(*strongest_channel(*sobel(picture)), strength) & (strength >= low)
    expected = spread(everywhere & (strength >= 1.5 * low), everywhere, 200)
    assert torch.equal(trace(derivatives, strength, low, 1.5 * low), expected)


def test_there_are_no_lines_without_a_strong_pixel():
    picture = torch.rand(1, 1, 9, 9, generator=torch.Generator().manual_seed(1))
    derivatives = slopes(picture)
    assert not trace(derivatives, steepness(derivatives), 0.0, 9.0).any()


@given(turns=st.integers(0, 3), flip=st.booleans())
def test_ridges_are_one_pixel_wide_whichever_way_the_picture_is_turned(turns, flip):
    step = torch.zeros(1, 1, 12, 12)
    step[..., 5:] = 1.0
    step = torch.rot90(step.flip(-1) if flip else step, turns, dims=(-2, -1))
    dx, dy = sobel(step)
    strength = magnitude(dx, dy)
    found = (ridges(dx, dy, strength) & (strength > 0)).sum(dim=-2 if turns % 2 else -1)
    assert (found == 1).all()


def test_a_ridge_is_found_between_pixels_along_a_slanted_gradient():
    x, y = torch.arange(40.0)[None, :], torch.arange(40.0)[:, None]
    for slope in (0.3, 0.7, 1.0, -0.45):
        edge = torch.sigmoid((y - 20 - slope * (x - 20)) / 1.5)[None, None]
        dx, dy = sobel(edge)
        found = ridges(dx, dy, magnitude(dx, dy))[0, 0, 5:-5, 5:-5].nonzero() + 5
        distance = (found[:, 0] - 20 - slope * (found[:, 1] - 20)).abs() / (1 + slope**2) ** 0.5
        assert float(distance.max()) < 0.8
        assert sorted(set(found[:, 1].tolist())) == list(range(5, 35))


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
