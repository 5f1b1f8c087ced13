"""The rule of the original host: all plugins are resolved together with its own requirements."""

import sys
import tomllib
from pathlib import Path

import pytest

PLUGINS = ("scope-control", "scope-fx", "scope-synth", "scope-wan-vace")


@pytest.fixture
def host_pyproject(snapshot, tmp_path: Path) -> Path:
    """A project that asks for exactly what the original host locks, which is what the workspace is constrained to."""
    root = tomllib.loads((snapshot.root / "pyproject.toml").read_text(encoding="utf-8"))
    needs = root["tool"]["uv"]["constraint-dependencies"]
    path = tmp_path / "host" / "pyproject.toml"
    path.parent.mkdir()
    path.write_text(
        f'[project]\nname = "a-host"\nversion = "0.2.4"\nrequires-python = "==3.12.*"\ndependencies = {needs}\n',
        encoding="utf-8",
    )
    return path


def resolve(run, pyproject: Path, lines: list[str]) -> str:
    plugins = pyproject.with_name("plugins.txt")
    plugins.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    out = pyproject.with_name("resolved.txt")
    done = run(
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--python",
        sys.executable,
        pyproject,
        plugins,
        "--output-file",
        out,
        cwd=pyproject.parent,
    )
    assert done.returncode == 0, done.stderr
    return out.read_text(encoding="utf-8")


def test_the_lines_of_all_plugins_resolve_with_the_versions_of_the_host(repository, run, host_pyproject: Path):
    resolved = resolve(run, host_pyproject, [repository.line(plugin) for plugin in PLUGINS])
    for plugin in PLUGINS:
        assert f"{plugin} @ git+{repository.http}@" in resolved
    for requirement in tomllib.loads(host_pyproject.read_text(encoding="utf-8"))["project"]["dependencies"]:
        assert f"\n{requirement}\n" in f"\n{resolved}"
    assert "scope-gpu" not in resolved


def test_lines_at_different_tags_resolve_together(repository, run, host_pyproject: Path):
    tags = {"scope-fx": repository.old["scope-fx"][0], "scope-synth": repository.new["scope-synth"][0]}
    resolved = resolve(run, host_pyproject, [repository.line(plugin, tag) for plugin, tag in tags.items()])
    assert "scope-fx @ git+" in resolved
    assert "scope-synth @ git+" in resolved
