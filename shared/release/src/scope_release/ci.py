"""What CI decides: which packages a change touches, and whether every job did what it had to."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scope_release.checkout import Package, changed_files, commit_of, required, workspace

EVERYTHING = ("pyproject.toml", "uv.lock", ".python-version", ".github/workflows/ci.yml", ".ci/")
"""Files and folders that decide how every package is tested."""
SPANNING = ("tests/", ".github/")
"""Folders that matter to the tests across packages only."""


@dataclass(frozen=True)
class Affected:
    """The packages to test, by name, and whether to run the tests that span packages."""

    packages: list[Package]
    spanning: bool


def affected_between(root: Path, base: str, head: str) -> Affected:
    """What the commits since `head` left `base` touch; everything where `base` is not known (a new branch)."""
    if commit_of(root, base) is None:
        return Affected(workspace(root), True)
    return affected(root, changed_files(root, base, head, since_fork=True))


def affected(root: Path, files: list[str]) -> Affected:
    """What a change of `files` (relative to `root`, with slashes) touches."""
    packages = workspace(root)
    owners = {file: _owner(root, packages, file) for file in files}
    if any(_concerns_all(file, owner) for file, owner in owners.items()):
        return Affected(packages, True)
    chosen = _with_dependents({name for name in owners.values() if name}, dependencies(root, packages))
    spanning = bool(chosen) or any(file.startswith(SPANNING) for file in files)
    return Affected([package for package in packages if package.name in chosen], spanning)


def dependencies(root: Path, packages: list[Package]) -> dict[str, set[str]]:
    """Package → the workspace packages that it needs to build, to run or for its tests."""
    names = {package.name for package in packages}
    return {package.name: (required(package) & names) | _built_from(root, packages, package) for package in packages}


def _built_from(root: Path, packages: list[Package], package: Package) -> set[str]:
    """The owners of the folders that the package's build reaches outside itself."""
    build = package.table.get("tool", {}).get("hatch", {}).get("build", {})
    paths = [*build.get("dev-mode-dirs", []), build.get("hooks", {}).get("custom", {}).get("path", ".")]
    places = ((package.folder / path).resolve().relative_to(root.resolve()).as_posix() for path in paths)
    return {owner for place in places if (owner := _owner(root, packages, place)) not in (None, package.name)}


def _owner(root: Path, packages: list[Package], file: str) -> str | None:
    for package in packages:
        if f"{file}/".startswith(f"{package.folder.relative_to(root).as_posix()}/"):
            return package.name
    return None


def _concerns_all(file: str, owner: str | None) -> bool:
    """A file under packages/ or shared/ without an owner was part of a package that is gone."""
    return owner is None and file.startswith((*EVERYTHING, "packages/", "shared/"))


def _with_dependents(chosen: set[str], needs: dict[str, set[str]]) -> set[str]:
    while True:
        more = {name for name, needed in needs.items() if needed & chosen} - chosen
        if not more:
            return chosen
        chosen = chosen | more


GOOD = frozenset({"success", "skipped"})
"""A job without anything to do (no package changed) is skipped, and that is fine."""


def failures(results: Mapping[str, str], advisory: frozenset[str]) -> tuple[list[str], list[str]]:
    """The jobs that forbid a merge, and those that only deserve a look, each as `name: result`."""
    bad = {name: f"{name}: {result}" for name, result in results.items() if result not in GOOD}
    blocking = [line for name, line in bad.items() if name not in advisory]
    return blocking, [line for name, line in bad.items() if name in advisory]
