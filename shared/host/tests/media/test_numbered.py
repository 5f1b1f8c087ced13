from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scope.media.numbered import Numbered


@given(
    prefix=st.from_regex(r"[a-z .+(\[]{0,8}", fullmatch=True), digits=st.integers(1, 9), number=st.integers(0, 10**10)
)
def test_a_name_made_from_a_pattern_belongs_to_it(tmp_path_factory, prefix, digits, number):
    folder = tmp_path_factory.mktemp("family")
    numbered = Numbered.parse(f"{folder}/{prefix}%0{digits}d.png")
    assert numbered == Numbered(folder, prefix, digits, ".png")
    path = folder / numbered.name(number)
    assert path.name == prefix + f"%0{digits}d" % number + ".png"
    path.touch()
    assert numbered.files() == [path]


@pytest.mark.parametrize(("text", "digits"), [("a_%d.png", 1), ("a_%4d.png", 4), ("a_%04d.png", 4)])
def test_a_pattern_tells_its_digits(text, digits):
    numbered = Numbered.parse(text)
    assert numbered == Numbered(Path(), "a_", digits, ".png")


@pytest.mark.parametrize("text", ["a.png", "a_%s.png", "a_%04x.png", "50%.png", "%04d/a.png"])
def test_a_name_without_a_number_is_no_pattern(text):
    assert Numbered.parse(text) is None
