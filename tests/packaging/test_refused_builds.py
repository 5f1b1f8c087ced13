"""What must not become a wheel is refused when it is built, in one sentence and without a traceback."""

import shutil
from pathlib import Path

import pytest

FX = "packages/scope-fx"
PYPROJECT = f"{FX}/pyproject.toml"
INIT = f"{FX}/src/scope_fx/__init__.py"


def refusal(snapshot, run, folder: str, out: Path) -> str:
    done = run("uv", "build", "--wheel", "--out-dir", out, folder, cwd=snapshot.root)
    assert done.returncode != 0
    assert not list(out.glob("*.whl"))
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def broken(snapshot, tmp_path: Path):
    return snapshot.copy(tmp_path / "broken")


def append(broken, path: str, text: str) -> int:
    """Adds a line and gives its number."""
    file = broken.root / path
    before = file.read_text(encoding="utf-8")
    file.write_text(f"{before.rstrip()}\n{text}\n", encoding="utf-8")
    return file.read_text(encoding="utf-8").rstrip().count("\n") + 1


def test_a_second_entry_point(broken, run, tmp_path: Path):
    broken.replace(PYPROJECT, 'scope_fx = "scope_fx"', 'scope_fx = "scope_fx"\nscope_fx_more = "scope_fx"')
    said = refusal(broken, run, FX, tmp_path / "out")
    assert "scope-fx: exactly one entry point in the group 'scope' is allowed, but there are 2" in said


def test_a_dependency_that_hosts_provide(broken, run, tmp_path: Path):
    broken.replace(PYPROJECT, "[project]\n", '[project]\ndependencies = ["torch>=2.9"]\n')
    said = refusal(broken, run, FX, tmp_path / "out")
    assert "scope-fx: the dependency 'torch>=2.9' is provided by every host; remove it" in said


def test_a_name_that_differs_from_the_folder(broken, run, tmp_path: Path):
    shutil.move(broken.root / FX, broken.root / "packages/effects")
    said = refusal(broken, run, "packages/effects", tmp_path / "out")
    assert "effects: project.name is 'scope-fx', but hosts derive the name from the folder" in said


def test_a_missing_changelog(broken, run, tmp_path: Path):
    (broken.root / FX / "CHANGELOG.md").unlink()
    assert "scope-fx: CHANGELOG.md is missing or empty" in refusal(broken, run, FX, tmp_path / "out")


def test_a_syntax_error_in_the_shared_library(broken, run, tmp_path: Path):
    line = append(broken, "shared/gpu/src/scope_gpu/image/color.py", "def broken(:")
    said = refusal(broken, run, FX, tmp_path / "out")
    assert f"scope_gpu/image/color.py:{line}: this is not valid Python" in said


def test_an_import_that_cannot_be_followed(broken, run, tmp_path: Path):
    line = append(broken, INIT, 'GPU = __import__("scope_gpu.color")')
    said = refusal(broken, run, FX, tmp_path / "out")
    assert f"scope_fx/__init__.py:{line}: the string 'scope_gpu.color' names scope_gpu" in said


@pytest.mark.gate
def test_pip_shows_the_same_sentence(broken, run, tmp_path: Path, pip):
    line = append(broken, INIT, 'GPU = __import__("scope_gpu.color")')
    command = pip.command("wheel", "--no-deps", "--wheel-dir", tmp_path / "out", broken.root / FX)
    done = run(*command, cwd=tmp_path, **pip.offline)
    assert done.returncode != 0
    assert f"scope_fx/__init__.py:{line}: the string 'scope_gpu.color' names scope_gpu" in done.stderr + done.stdout


def test_the_source_distribution_is_refused_as_well(broken, run, tmp_path: Path):
    line = append(broken, INIT, 'GPU = __import__("scope_gpu.color")')
    done = run("uv", "build", "--sdist", "--out-dir", tmp_path / "out", FX, cwd=broken.root)
    assert done.returncode != 0
    assert f"scope_fx/__init__.py:{line}" in done.stderr
