"""A small workspace in a real Git repository: two plugins, the shared library, and a private tool."""

import subprocess
from pathlib import Path

import pytest

ROOT_PYPROJECT = """
[project]
name = "workspace"
version = "0"

[tool.uv.workspace]
members = ["packages/*", "shared/*"]
"""

PLUGIN_PYPROJECT = """[project]
name = "{name}"
version = "0.1.0"
readme = "README.md"
requires-python = ">=3.12"
license = "MIT"

[project.entry-points."scope"]
{module} = "{module}"

[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[tool.hatch.build]
dev-mode-dirs = ["src", "../../shared/gpu/src"]

[tool.hatch.build.hooks.custom]
path = "../../shared/release/hatch_build.py"

[tool.hatch.build.targets.wheel]
packages = ["src/{module}"]
"""

LIBRARY_PYPROJECT = """[project]
name = "scope-gpu"
version = "0.1.0"
readme = "README.md"

[tool.hatch.build.targets.wheel]
packages = ["src/scope_gpu"]
"""

TOOL_PYPROJECT = """[project]
name = "scope-release"
version = "0"
classifiers = ["Private :: Do Not Upload"]
"""

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- First version.\n"

LOCK_ENTRY = '[[package]]\nname = "{name}"\nversion = "0.1.0"\nsource = {{ editable = "{folder}" }}\n\n'


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _package(folder: Path, pyproject: str, module: str, code: str) -> None:
    _write(folder / "pyproject.toml", pyproject)
    _write(folder / "README.md", f"# {folder.name}\n")
    _write(folder / "CHANGELOG.md", CHANGELOG)
    _write(folder / "LICENSE", "MIT\n")
    _write(folder / "src" / module / "__init__.py", code)
    _write(folder / "src" / module / "py.typed", "")


class Checkout:
    """A workspace folder with the git commands that tests need."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        _write(self.root / path, text)

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        assert old in self.read(path)
        self.write(path, self.read(path).replace(old, new))

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Tester")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "tester@example.org")
    made = Checkout(tmp_path / "checkout")
    _fill(made)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit("Start")
    return made


def _fill(made: Checkout) -> None:
    made.write("pyproject.toml", ROOT_PYPROJECT)
    made.write("conftest.py", "")
    lock = ""
    for name in ("scope-fx", "scope-synth"):
        module = name.replace("-", "_")
        code = "from scope_gpu import color\n"
        _package(made.root / "packages" / name, PLUGIN_PYPROJECT.format(name=name, module=module), module, code)
        lock += LOCK_ENTRY.format(name=name, folder=f"packages/{name}")
    _package(made.root / "shared/gpu", LIBRARY_PYPROJECT, "scope_gpu", '"""Library."""\n\n__version__ = "0.1.0"\n')
    made.write("shared/gpu/src/scope_gpu/color.py", "from scope_gpu.blur import RADIUS\n")
    made.write("shared/gpu/src/scope_gpu/blur.py", "RADIUS = 3\n")
    made.write("shared/release/pyproject.toml", TOOL_PYPROJECT)
    made.write("shared/release/hatch_build.py", "")
    made.write("uv.lock", lock + LOCK_ENTRY.format(name="scope-gpu", folder="shared/gpu"))
