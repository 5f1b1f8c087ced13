from fractions import Fraction
from itertools import islice, pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scope.media import open_source


def take(count: int, spec: str = "testpattern", **options) -> list:
    with open_source(spec, **options) as source:
        return list(islice(source, count))


@pytest.mark.parametrize("spec", ["testpattern", "test://"])
def test_the_test_pattern_is_endless_and_has_a_size_of_its_own(spec):
    source = open_source(spec)
    assert (source.width, source.height, source.rate, source.count) == (640, 360, Fraction(30), None)
    assert len(take(70, spec)) == 70


def test_the_same_pattern_comes_every_time():
    for first, second in zip(take(5), take(5), strict=True):
        assert torch.equal(first.pixels, second.pixels)


def test_every_picture_differs_from_the_one_before():
    pictures = take(20, size=(160, 90))
    for before, after in pairwise(pictures):
        assert not torch.equal(before.pixels, after.pixels)


def test_a_limit_ends_the_pattern():
    assert len(list(open_source("test://", limit=3))) == 3
    assert open_source("test://", limit=3).count == 3


def test_motion_goes_by_time_and_not_by_frame():
    slow, fast = take(4, rate=Fraction(10))[3], take(13, rate=Fraction(40))[12]
    assert slow.time == fast.time
    above_the_counter = slice(0, 290)
    assert torch.equal(slow.pixels[above_the_counter], fast.pixels[above_the_counter])
    assert not torch.equal(slow.pixels, fast.pixels)


def test_the_bars_fall_in_luma_from_left_to_right():
    pixels = take(1, size=(700, 400))[0].pixels.float()
    luma = pixels[250, 50::100] @ torch.tensor([0.2126, 0.7152, 0.0722])
    assert (luma.diff() < 0).all()


@settings(max_examples=40, deadline=None)
@given(width=st.integers(1, 200), height=st.integers(1, 200), index=st.integers(0, 3))
def test_any_size_can_be_drawn(width, height, index):
    picture = take(index + 1, size=(width, height))[index]
    assert picture.pixels.shape == (height, width, 3)
    assert picture.pixels.dtype == torch.uint8
