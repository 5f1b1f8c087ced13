"""The few questions that are put to git."""

import subprocess
from pathlib import Path

from scope_release.errors import ReleaseError


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
