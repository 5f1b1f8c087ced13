"""`scope new`: what it writes is lint-free, passes the kit and its own tests, and shows a picture at once."""

import importlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scope_testkit.__main__ import app
from scope_testkit.findings import Finding
from scope_testkit.scaffold.join import with_member
from scope_testkit.scaffold.kinds import KINDS
from scope_testkit.scaffold.names import BadNameError, names_from
from scope_testkit.scaffold.start import start
from scope_testkit.subject import Subject
from scope_testkit.suite import examine
from scope_testkit.wheel import build

ROOT = Path(__file__).parents[3]
# As long as a name may be, so that no line of the templates grows too long.
LONGEST = "a-name-that-is-as-long-as-it-goes"[:32]


@pytest.fixture(scope="module")
def standalone(tmp_path_factory) -> Path:
    """A folder with a repository of each kind."""
    folder = tmp_path_factory.mktemp("standalone")
    for kind in KINDS:
        start(folder, names_from(f"alone-{kind}"), kind, "standalone")
    return folder


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    """A workspace like this one with a member of each kind added."""
    folder = tmp_path_factory.mktemp("workspace")
    if not (ROOT / "shared" / "gpu").is_dir():
        pytest.skip("a member is tested in the whole workspace only")
    # Ruff takes for ours what it finds here.
    (folder / "shared").symlink_to(ROOT / "shared", target_is_directory=True)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for kind in KINDS:
        start(folder, names_from(f"here-{kind}"), kind, "here")
    return folder


def _ruff(*arguments: str, folder: Path) -> None:
    pytest.importorskip("ruff", reason="ruff is not among the kit's own requirements")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "."], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("place", ["standalone", "workspace"])
def test_ruff_finds_nothing_to_say(place, request):
    folder = request.getfixturevalue(place)
    _ruff("check", "--no-cache", folder=folder)
    _ruff("format", "--check", "--no-cache", folder=folder)


def test_the_longest_name_breaks_no_line(tmp_path):
    for kind in KINDS:
        (tmp_path / kind).mkdir()
        start(tmp_path / kind, names_from(LONGEST), kind, "standalone")
    _ruff("check", "--no-cache", folder=tmp_path)
    _ruff("format", "--check", "--no-cache", folder=tmp_path)


@pytest.mark.parametrize("kind", [pytest.param(k, marks=pytest.mark.gate if k == "model" else ()) for k in KINDS])
def test_a_new_member_passes_the_kit_and_shows_a_picture(kind, workspace, monkeypatch):
    monkeypatch.syspath_prepend(str(workspace / "packages" / f"scope-here-{kind}" / "src"))
    importlib.invalidate_caches()
    module = importlib.import_module(f"scope_here_{kind}.pipeline")
    subject = Subject(getattr(module, f"Here{kind.capitalize()}Pipeline"), fast=True, seconds=2.0)
    assert [r for r in examine(subject) if isinstance(r, Finding)] == []
    (picture,) = subject.film(subject.calls(1)).pictures
    assert float(picture.std()) > 0.02


@pytest.mark.timeout(600)
def test_a_new_member_builds_by_the_workspace_s_own_rules(workspace, tmp_path):
    wheel = build(workspace / "packages" / "scope-here-filter", tmp_path)
    assert "scope_here_filter/_vendor/scope_gpu/plugin/frames.py" in zipfile.ZipFile(wheel).namelist()


@pytest.mark.gate
@pytest.mark.timeout(900)
def test_the_tests_of_new_repositories_pass(standalone):
    homes = [standalone / f"scope-alone-{kind}" for kind in KINDS]
    options = ["-q", "--import-mode=importlib", "-p", "no:cacheprovider", "--rootdir", "."]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *(str(home / "tests") for home in homes)],
        cwd=standalone,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(str(home / "src") for home in homes), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_nothing_is_overwritten(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "scope-mine" / "README.md"
    mine.parent.mkdir()
    mine.write_text("mine")
    result = CliRunner().invoke(app, ["new", "mine", "--kind", "filter"])
    assert result.exit_code == 2
    assert "exists already, and nothing is ever overwritten" in result.output
    assert mine.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [mine.parent]


@pytest.mark.parametrize("name", ["Mine", "9lives", "two words", "scope-", "", "a--b", "trailing-", "x" * 33, "../up"])
def test_a_bad_name_is_refused_with_an_example(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadNameError, match="expected a name of at most 32 lowercase letters, digits and hyphens"):
        names_from(name)
    result = CliRunner().invoke(app, ["new", name or "Ä", "--kind", "filter"])
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(BadNameError, match="'invert' is taken"):
        names_from("invert")


def test_without_arguments_it_asks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["new"], input="light-leak\ngenerator\nn\n")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "scope-light-leak" / "src" / "scope_light_leak" / "pipeline.py").is_file()
    assert "uv run scope check" in result.output


def test_here_outside_of_the_workspace_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["new", "mine", "--kind", "filter", "--here"])
    assert result.exit_code == 2
    assert "expected to be inside the plugins' workspace" in result.output


def test_a_new_member_joins_the_root_project_in_order(workspace):
    text = (workspace / "pyproject.toml").read_text()
    assert text.count("scope-here-filter") == 2
    assert text.index('"scope-here-filter"') < text.index('"scope-host"')


def test_a_root_project_of_another_layout_is_left_alone():
    assert with_member('[project]\ndependencies = ["one", "two"]\n', "scope-mine") is None
