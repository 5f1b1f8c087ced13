from fractions import Fraction

import torch
from hypothesis import given
from hypothesis import strategies as st

from scope.media.fit import cover, cover_size, square_pixel_size

sizes = st.tuples(st.integers(1, 5000), st.integers(1, 5000))
small = st.tuples(st.integers(1, 40), st.integers(1, 40))


@given(size=sizes, target=sizes)
def test_a_covering_size_covers_and_touches_on_one_side(size, target):
    width, height = cover_size(size, target)
    assert width >= target[0]
    assert height >= target[1]
    assert width == target[0] or height == target[1]


@given(size=sizes, target=sizes)
def test_a_covering_size_keeps_the_shape_to_a_pixel(size, target):
    width, height = cover_size(size, target)
    scale = max(Fraction(target[0], size[0]), Fraction(target[1], size[1]))
    assert abs(width - size[0] * scale) < 1
    assert abs(height - size[1] * scale) < 1


@given(size=small, target=small, value=st.integers(0, 255))
def test_covering_a_flat_picture_keeps_its_colour(size, target, value):
    pixels = torch.full((size[1], size[0], 3), value, dtype=torch.uint8)
    covered = cover(pixels, target)
    assert covered.shape == (target[1], target[0], 3)
    assert (covered == value).all()


@given(size=sizes, aspect=st.fractions(Fraction(1, 4), Fraction(4)))
def test_square_pixels_never_make_a_side_smaller(size, aspect):
    width, height = square_pixel_size(size, aspect)
    assert width >= size[0]
    assert height >= size[1]
