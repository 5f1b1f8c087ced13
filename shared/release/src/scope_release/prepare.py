"""Prepares a release: version, changelog, lock, commit and tag. Nothing is pushed."""

import re
import tomllib
from datetime import date
from pathlib import Path

from scope_release import changelog, lock
from scope_release.errors import ReleaseError
from scope_release.git import commit_of, git, refuse_dirty, tags
from scope_release.packages import Package, find, literal_version
from scope_release.rules import check_package
from scope_release.versions import next_version


def prepare(root: Path, name: str, step: str, day: date) -> str:
    """Commits and tags the release of `name` that `step` (major, minor, patch or a version) asks for; gives the tag.

    Raises:
        ReleaseError: one of the reasons not to; the checkout is then as it was.
    """
    package = _releasable(root, name)
    refuse_dirty(root)
    version = next_version(name, package.version, step, tags(root, name))
    tag = f"{name}-v{version}"
    if commit_of(root, f"refs/tags/{tag}"):
        raise ReleaseError(f"{name}: the tag {tag} exists already.")
    files = edits(root, package, version, day)
    for path, text in files.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    _commit(root, list(files), f"Release {name} {version}", tag)
    return tag


def _releasable(root: Path, name: str) -> Package:
    package = find(root, name)
    if package.is_private:
        raise ReleaseError(f"{name} is a tool of this repository and is never released.")
    check_package(package)
    return package


def edits(root: Path, package: Package, version: str, day: date) -> dict[Path, str]:
    """File → new text, for every file that states the version."""
    files = {
        package.folder / "pyproject.toml": _with_version(package, version),
        package.changelog: changelog.release(_read(package.changelog), version, day, package.name),
        root / "uv.lock": lock.set_version(_read(root / "uv.lock"), package.name, version),
    }
    if literal_version(package) is not None:
        init = package.source / "__init__.py"
        files[init] = re.sub(r'(?m)^(__version__\s*=\s*")[^"]*', rf"\g<1>{version}", _read(init), count=1)
    return files | _pinned_lines(root, package, version)


def _pinned_lines(root: Path, package: Package, version: str) -> dict[Path, str]:
    """READMEs with the lines to paste (`git+…@scope-fx-v0.1.0#…`) at the new version."""
    pinned = re.compile(rf"@{re.escape(package.name)}-v[0-9][^#\s`\"]*")
    texts = {path: _read(path) for path in (root / "README.md", package.folder / "README.md") if path.is_file()}
    return {
        path: pinned.sub(f"@{package.name}-v{version}", text) for path, text in texts.items() if pinned.search(text)
    }


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _with_version(package: Package, version: str) -> str:
    """pyproject.toml with another version, its comments and layout as they were."""
    text = _read(package.folder / "pyproject.toml")
    changed = re.sub(r'(?m)^(version\s*=\s*")[^"]*', rf"\g<1>{version}", text, count=1)
    if tomllib.loads(changed)["project"].get("version") != version:
        raise ReleaseError(f'{package.name}: pyproject.toml must have its version on a line `version = "…"`.')
    return changed


def _commit(root: Path, paths: list[Path], message: str, tag: str) -> None:
    names = [path.relative_to(root).as_posix() for path in paths]
    git(root, "commit", "--quiet", "--message", message, "--", *names)
    git(root, "tag", "--annotate", "--message", message, tag)
