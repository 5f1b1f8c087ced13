"""The build and the kit judge a plugin's packaging alike: one before it is built, the other once it is installed."""

from importlib import metadata
from pathlib import Path

import pytest

from scope_release.checkout import ReleaseError, load
from scope_release.rules import PROVIDED, check_plugin_source
from scope_testkit.checks import packaging
from scope_testkit.providers import provided

PYPROJECT = """[project]
name = "scope-fine"
version = "0.1.0"
readme = "README.md"
dependencies = [{requirement}]

[project.entry-points."scope"]
{points}
"""
POINT = 'fine = "scope_fine"'
CASES = {
    "without fault": (POINT, "", True),
    "without an entry point": ("", "", False),
    "with two entry points": (f'{POINT}\nmore = "scope_fine.more"', "", False),
    "with a version of what hosts provide": (POINT, '"torch>=2.4"', False),
    "with a host": (POINT, '"daydream-scope"', False),
    "with a library of its own": (POINT, '"kornia>=0.8"', True),
}


@pytest.mark.parametrize("case", CASES)
def test_a_plugin_gets_one_verdict(case: str, tmp_path: Path):
    points, requirement, good = CASES[case]
    assert builds(tmp_path / "scope-fine", points, requirement) is good
    assert passes(tmp_path / "scope_fine-0.1.0.dist-info", points, requirement) is good


def test_a_folder_of_another_name_gets_one_verdict(tmp_path: Path):
    assert builds(tmp_path / "effects", POINT, "") is False
    assert [f.code for f in packaging.folder_name(tmp_path / "effects")] == ["P011"]


def test_what_the_build_takes_for_provided_the_kit_takes_too():
    assert provided() >= PROVIDED


def builds(folder: Path, points: str, requirement: str) -> bool:
    source = folder / "src/scope_fine"
    source.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT.format(points=points, requirement=requirement))
    for file in ("README.md", "CHANGELOG.md", "LICENSE", "src/scope_fine/py.typed", "src/scope_fine/__init__.py"):
        (folder / file).write_text("x = 1\n")
    try:
        check_plugin_source(load(folder))
    except ReleaseError:
        return False
    return True


def passes(info: Path, points: str, requirement: str) -> bool:
    info.mkdir()
    needs = f"Requires-Dist: {requirement.strip(chr(34))}\n" if requirement else ""
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: scope-fine\nVersion: 0.1.0\n{needs}")
    listed = points.replace('"', "")
    (info / "entry_points.txt").write_text(f"[scope]\n{listed}\n" if points else "")
    return not list(packaging.described(metadata.Distribution.at(info)))
