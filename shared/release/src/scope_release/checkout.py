"""What a checkout holds: the packages of the workspace as their pyproject.toml describe them, and what git knows."""

import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


class ReleaseError(Exception):
    """What a person has to put right, said in one sentence."""


@dataclass(frozen=True)
class Package:
    """One package: its folder and the tables of its pyproject.toml."""

    folder: Path
    table: dict[str, Any]

    @property
    def project(self) -> dict[str, Any]:
        return self.table.get("project", {})

    @property
    def name(self) -> str:
        return self.project.get("name", self.folder.name)

    @property
    def version(self) -> str:
        return self.project.get("version", "")

    @property
    def source(self) -> Path:
        """The folder of the import package. scope-host imports as `scope`, so the folder decides, not the name."""
        packages = self.table.get("tool", {}).get("hatch", {}).get("build", {}).get("targets", {}).get("wheel", {})
        return self.folder / packages.get("packages", [f"src/{self.name.replace('-', '_')}"])[0]

    @property
    def import_name(self) -> str:
        return self.source.name

    @property
    def changelog(self) -> Path:
        return self.folder / "CHANGELOG.md"

    @property
    def is_plugin(self) -> bool:
        return self.folder.parent.name == "packages"

    @property
    def is_private(self) -> bool:
        return "Private :: Do Not Upload" in self.project.get("classifiers", [])


def load(folder: Path) -> Package:
    """The package in `folder`.

    Raises:
        ReleaseError: there is no pyproject.toml, or it is not TOML.
    """
    path = folder / "pyproject.toml"
    try:
        return Package(folder, tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ReleaseError(f"{folder.name}: {path} is missing, so this is no package.") from error
    except tomllib.TOMLDecodeError as error:
        raise ReleaseError(f"{folder.name}: {path} is not valid TOML ({error}).") from error


def workspace(root: Path) -> list[Package]:
    """Every member of the uv workspace at `root`, by name."""
    members = load(root).table.get("tool", {}).get("uv", {}).get("workspace", {}).get("members", [])
    folders = (path.parent for pattern in members for path in root.glob(f"{pattern}/pyproject.toml"))
    return sorted((load(folder) for folder in folders), key=lambda package: package.name)


def find(root: Path, name: str) -> Package:
    """The workspace member called `name`.

    Raises:
        ReleaseError: no member has that name.
    """
    members = {package.name: package for package in workspace(root)}
    if name not in members:
        raise ReleaseError(f"No package is called {name!r}; there are {', '.join(members)}.")
    return members[name]


def find_root(start: Path) -> Path:
    """The checkout that `start` lies in: the nearest folder above whose pyproject.toml declares a workspace."""
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if path.is_file() and "workspace" in load(folder).table.get("tool", {}).get("uv", {}):
            return folder
    raise ReleaseError(f"{start} is not inside a checkout of this repository; change to one.")


def required(package: Package) -> set[str]:
    """The distributions that the package names in its dependencies and its dependency groups."""
    groups = package.table.get("dependency-groups", {}).values()
    texts = [*package.project.get("dependencies", []), *(text for group in groups for text in group)]
    return {canonicalize_name(Requirement(text).name) for text in texts if isinstance(text, str)}


def literal_version(package: Package) -> str | None:
    """What `__version__ = "…"` in the import package says, None where it says nothing."""
    init = package.source / "__init__.py"
    if not init.is_file():
        return None
    found = re.search(r'^__version__\s*=\s*"([^"]*)"', init.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else None


def git(root: Path, *arguments: str) -> str:
    """The standard output of `git …` in `root`, without the last newline.

    Raises:
        ReleaseError: git failed; its own words are in the sentence.
    """
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise ReleaseError(f"git {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout.removesuffix("\n")


def tags(root: Path, name: str) -> list[str]:
    """The versions of `name` that have a tag, in no order."""
    prefix = f"{name}-v"
    return [tag.removeprefix(prefix) for tag in git(root, "tag", "--list", f"{prefix}[0-9]*").splitlines()]


def commit_of(root: Path, revision: str) -> str | None:
    """The commit that `revision` (a tag, a branch, a hash) points at, None where there is no such thing."""
    arguments = ["git", "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"]
    done = subprocess.run(arguments, cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def changed_files(root: Path, base: str, head: str, *, since_fork: bool = False) -> list[str]:
    """Files that differ between two revisions, a renamed one under both names.

    `since_fork` compares with the commit at which `head` left `base`, so that what others did since does not count.
    """
    separator = "..." if since_fork else ".."
    listing = git(root, "diff", "--name-only", "--no-renames", "-z", f"{base}{separator}{head}", "--")
    return [path for path in listing.split("\0") if path]


def refuse_dirty(root: Path) -> None:
    """Raises ReleaseError where a file is changed or untracked: a release is made from what is committed."""
    entries = git(root, "status", "--porcelain").splitlines()
    if entries:
        raise ReleaseError(f"The working tree is not clean ({entries[0].strip()}, …): commit or remove it first.")
