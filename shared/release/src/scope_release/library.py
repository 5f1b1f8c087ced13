"""Which plugins would ship a shared library that differs from the one in their last release."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from scope_release.git import changed_files, git, tags
from scope_release.packages import Package, load, workspace
from scope_release.versions import next_version

FOLDER = Path("shared/gpu")


@dataclass(frozen=True)
class Proposal:
    """A plugin, the tag of its last release, the library's version then and now, and the release it could make."""

    plugin: str
    last_tag: str
    was: str
    now: str
    step: str
    version: str

    def __str__(self) -> str:
        library = (
            f"scope-gpu {self.now} (was {self.was})" if self.now != self.was else f"a changed scope-gpu {self.now}"
        )
        command = f"uv run release {self.plugin} {self.step}"
        return f"{self.plugin} would ship {library} since {self.last_tag}: `{command}` makes {self.version}."


def proposals(root: Path) -> list[Proposal]:
    """One for each released plugin whose library changed since its last tag."""
    now = load(root / FOLDER).version
    plugins = ((package, tags(root, package.name)) for package in workspace(root) if package.is_plugin)
    return [found for package, released in plugins if released for found in _of(root, package, released, now)]


def _of(root: Path, package: Package, released: list[str], now: str) -> list[Proposal]:
    last = f"{package.name}-v{max(released, key=Version)}"
    source = f"{FOLDER.as_posix()}/src/"
    if not any(path.startswith(source) for path in changed_files(root, last, "HEAD")):
        return []
    was = tomllib.loads(git(root, "show", f"{last}:{FOLDER.as_posix()}/pyproject.toml"))["project"]["version"]
    step = "patch" if Version(was).release[:2] == Version(now).release[:2] else "minor"
    version = next_version(package.name, package.version, step, released)
    return [Proposal(package.name, last, was, now, step, version)]
