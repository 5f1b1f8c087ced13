"""Runs a package's own tests against its wheel, away from the checkout.

The environment has the versions of uv.lock, the package's wheel, and wheels of what it needs from this repository (a
plugin: the host and the conformance kit), but no editable install and, for a plugin, not the shared library itself: the
tests are a copy in which imports of that library are pointed at the wheel's own copy.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

from scope_release.checkout import Package, ReleaseError, find, required, workspace
from scope_release.vendor import FOLDER, rewrite_imports

LIBRARY = "scope_gpu"
LONGEST = 1200.0
"""Seconds that the tests of one package may take."""


def make_environment(root: Path, package: Package, wheels: list[Path], scratch: Path) -> Path:
    """The Python of a new environment with the locked dependencies of `package` for its tests, and `wheels`."""
    locked = _uv(root, "export", "--frozen", "--quiet", "--no-hashes", "--no-emit-workspace", "--package", package.name)
    requirements = scratch / "requirements.txt"
    requirements.write_text(locked, encoding="utf-8")
    _uv(root, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, str(scratch / "venv"))
    python = scratch / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    _uv(root, "pip", "install", "--quiet", "--python", str(python), "--requirements", str(requirements))
    _uv(root, "pip", "install", "--quiet", "--python", str(python), "--no-deps", *map(str, wheels))
    return python


def build_helpers(root: Path, package: Package, out: Path) -> list[Path]:
    """The wheels of what `package` and its tests need from this repository, built into `out`."""
    members = {member.name for member in workspace(root)} - {package.name}
    for name in sorted(required(package) & members):
        build_wheel(root, name, out)
    return sorted(out.glob("*.whl"))


def build_wheel(root: Path, name: str, out: Path) -> None:
    """Builds the wheel of `name`, and nothing else, into `out`."""
    _uv(root, "build", "--quiet", "--wheel", "--package", name, "--out-dir", str(out))


def copy_tests(root: Path, package: Package, scratch: Path) -> Path:
    """The package's folder without its source, and the workspace's settings for tests above it; gives the tests' folder."""
    copy = scratch / "checkout" / "packages" / package.name
    shutil.copytree(package.folder, copy, ignore=shutil.ignore_patterns("src", "__pycache__", ".*"))
    for settings in ("pyproject.toml", "conftest.py"):
        shutil.copy(root / settings, scratch / "checkout")
    if package.is_plugin:
        _use_the_copy_of(package, copy)
    return copy / "tests"


def _use_the_copy_of(package: Package, folder: Path) -> None:
    target = f"{package.import_name}.{FOLDER}.{LIBRARY}"
    for path in folder.rglob("*.py"):
        path.write_bytes(rewrite_imports(path.read_bytes(), LIBRARY, target, path.relative_to(folder).as_posix()))


def run_tests(
    python: Path, tests: Path, arguments: list[str], seconds: float = LONGEST, output: IO[str] | None = None
) -> int:
    """The exit status of pytest over `tests` in the environment of `python`; it prints to `output` if given.

    Raises:
        ReleaseError: pytest does not end within `seconds`. It is killed then: what hangs in native code hears no signal.
    """
    settings = tests.parents[2] / "pyproject.toml"
    command = [str(python), "-P", "-m", "pytest", "-c", str(settings), "--rootdir", str(settings.parent), str(tests)]
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    command += arguments
    try:
        done = subprocess.run(
            command, cwd=settings.parent, env=environment, stdout=output, stderr=output, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired as error:
        raise ReleaseError(f"{tests.parent.name}: its tests did not end within {seconds:.0f} seconds.") from error
    return done.returncode


def verify_wheel(root: Path, name: str, wheel: Path, scratch: Path, arguments: list[str]) -> None:
    """Raises ReleaseError where the tests of `name` fail with `wheel` in a clean environment."""
    package = find(root, name)
    if not wheel.is_file():
        raise ReleaseError(f"{name}: there is no wheel at {wheel}.")
    helpers = build_helpers(root, package, scratch / "helpers")
    python = make_environment(root, package, [wheel.resolve(), *helpers], scratch)
    status = run_tests(python, copy_tests(root, package, scratch), arguments)
    if status != 0:
        raise ReleaseError(f"{name}: its tests failed with the wheel alone (pytest ended with status {status}).")


def _uv(root: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        ["uv", *arguments], cwd=root, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        raise ReleaseError(f"uv {' '.join(arguments)} failed:\n{done.stderr.strip()}")
    return done.stdout
