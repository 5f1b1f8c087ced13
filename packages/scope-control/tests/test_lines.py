"""Thin ridges, hysteresis against a flood fill, and the brush."""

from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from scope_control.lines.brush import thicken
from scope_control.lines.gradient import STEP, WEIGHTS, gaussian_weights, steepest
from scope_control.lines.hysteresis import STEPS, connected, spread
from scope_control.lines.thin import thinned
from scope_gpu.image.blur import gaussian_blur
from scope_gpu.image.gradients import sobel


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
    """The way of a CPU: ridges in 16 bits, weak ones of strength 1 and strong ones of 2."""
    ridges = weak.to(torch.int16) + strong.to(torch.int16)
    low, high = (torch.full((len(weak), 1, 1, 1), level, dtype=torch.int16) for level in (0, 1))
    return connected(ridges, low, high).bool()


@pytest.mark.parametrize("fill", [of_runs, partial(spread, steps=STEPS)])
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


@pytest.mark.parametrize("pattern", ["full", "comb", "none"])
def test_hysteresis_bears_rows_that_touch_many_runs_or_none(pattern):
    weak = torch.zeros(1, 1, 40, 300, dtype=torch.bool)
    weak[..., ::2, :] = pattern != "none"
    weak[..., 1::2, :: 1 if pattern == "full" else 2] = pattern != "none"
    strong = torch.zeros_like(weak)
    strong[..., 0, 0] = weak[..., 0, 0]
    assert torch.equal(of_runs(strong, weak), weak)


def test_frames_of_a_batch_do_not_touch():
    weak = torch.ones(2, 1, 3, 3, dtype=torch.bool)
    strong = torch.zeros_like(weak)
    strong[0, 0, 2, 2] = True
    assert of_runs(strong, weak).flatten(1).all(dim=1).tolist() == [True, False]


@pytest.mark.parametrize("sigma", [0.0, 1e-3, 0.5, 1.4, 3.0, 6.0])
def test_the_whole_weights_are_a_gaussian_and_add_up(sigma):
    weights = gaussian_weights(sigma)
    assert sum(weights) == WEIGHTS
    assert weights == weights[::-1]
    assert min(weights) >= 0
    variance = sum(weight * (i - len(weights) // 2) ** 2 for i, weight in enumerate(weights)) / WEIGHTS
    assert variance == pytest.approx(sigma**2, rel=0.1, abs=0.05)


@given(seed=st.integers(0, 1000), height=st.integers(1, 20), width=st.integers(1, 20), blur=st.sampled_from([0.0, 1.4]))
def test_gradients_in_whole_numbers_are_those_of_floats(seed, height, width, blur):
    picture = torch.rand(2, 1, height, width, generator=torch.Generator().manual_seed(seed))
    wider = F.pad(picture, (6, 6, 6, 6), mode="replicate")
    found = steepest(picture, blur)
    for whole, exact in zip(found[:2], sobel(gaussian_blur(wider, blur)), strict=True):
        torch.testing.assert_close(whole / STEP, 2.0 * exact[..., 6:-6, 6:-6], atol=0.03, rtol=0.0)
    assert torch.equal(found.strength, found.dx.abs() + found.dy.abs())


@given(seed=st.integers(0, 1000))
def test_the_steepest_channel_counts_and_the_first_of_equals(seed):
    picture = torch.rand(1, 3, 9, 9, generator=torch.Generator().manual_seed(seed)).round(decimals=1)
    each = [steepest(picture[:, channel, None], 0.0) for channel in range(3)]
    strengths = torch.cat([gradient.strength for gradient in each])
    found, first = steepest(picture, 0.0), strengths.argmax(dim=0)
    assert torch.equal(found.strength[0], strengths.max(dim=0).values)
    for part in ("dx", "dy"):
        planes = torch.cat([getattr(gradient, part) for gradient in each])
        assert torch.equal(getattr(found, part)[0, 0], planes.gather(0, first[None])[0, 0])


@given(turns=st.integers(0, 3), flip=st.booleans())
def test_ridges_are_one_pixel_wide_whichever_way_the_picture_is_turned(turns, flip):
    step = torch.zeros(1, 1, 12, 12)
    step[..., 5:] = 1.0
    step = torch.rot90(step.flip(-1) if flip else step, turns, dims=(-2, -1))
    found = (thinned(steepest(step, 0.0)) > 0).sum(dim=-2 if turns % 2 else -1)
    assert (found == 1).all()


def test_a_ridge_is_found_between_pixels_along_a_slanted_gradient():
    x, y = torch.arange(40.0)[None, :], torch.arange(40.0)[:, None]
    for slope in (0.3, 0.7, 1.0, -0.45):
        edge = torch.sigmoid((y - 20 - slope * (x - 20)) / 1.5)[None, None]
        found = thinned(steepest(edge, 0.0))[0, 0, 5:-5, 5:-5].nonzero() + 5
        distance = (found[:, 0] - 20 - slope * (found[:, 1] - 20)).abs() / (1 + slope**2) ** 0.5
        assert float(distance.max()) < 1.0
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
