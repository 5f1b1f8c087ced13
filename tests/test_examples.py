"""The examples in docstrings print what they say."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [path for kind in ("packages", "shared") for path in sorted(ROOT.glob(f"{kind}/*/src"))]
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(source).with_suffix("").parts)
    for source in SOURCES
    for path in source.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_an_example_prints_what_its_docstring_says(module: str):
    failed, tried = doctest.testmod(importlib.import_module(module))
    assert tried
    assert not failed
