"""Tags such as `scope-fx-v0.2.0`: what they name, and whether the checkout agrees."""

import re
from pathlib import Path

from scope_release import changelog, lock
from scope_release.errors import ReleaseError
from scope_release.git import commit_of
from scope_release.packages import Package, find
from scope_release.rules import check_package
from scope_release.versions import is_plain

TAG = re.compile(r"(?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)-v(?P<version>\d\S*)")


def parse_tag(tag: str) -> tuple[str, str]:
    """The package name and the version in `tag`.

    Raises:
        ReleaseError: it is not of the form `<package>-v<version>`.
    """
    found = TAG.fullmatch(tag.removeprefix("refs/tags/"))
    if found is None or not is_plain(found["version"]):
        raise ReleaseError(f"{tag!r} is not a release tag such as 'scope-fx-v0.2.0'.")
    return found["name"], found["version"]


def check_tag(root: Path, tag: str) -> tuple[Package, changelog.Section]:
    """The package that `tag` releases and its changelog section, if everything agrees.

    Raises:
        ReleaseError: tag, version, changelog, lock or the packaging rules disagree, or the tag is somewhere else.
    """
    name, version = parse_tag(tag)
    package = _released_package(root, tag, name)
    if package.version != version:
        raise ReleaseError(f"{tag}: the tag says {version}, but project.version of {name} is {package.version}.")
    check_package(package)
    _check_place(root, tag)
    lock.check_version(root, name, version)
    return package, changelog.section(package.changelog.read_text(encoding="utf-8"), version, name)


def _released_package(root: Path, tag: str, name: str) -> Package:
    try:
        package = find(root, name)
    except ReleaseError as error:
        raise ReleaseError(f"{tag}: {error}") from error
    if package.is_private:
        raise ReleaseError(f"{tag}: {name} is a tool of this repository and is never released.")
    return package


def _check_place(root: Path, tag: str) -> None:
    """A tag that exists must be what is checked out: files of another commit would be checked otherwise."""
    tagged, here = commit_of(root, f"refs/tags/{tag.removeprefix('refs/tags/')}"), commit_of(root, "HEAD")
    if tagged is not None and tagged != here:
        raise ReleaseError(f"{tag}: the tag is at {tagged[:9]}, but {str(here)[:9]} is checked out; check out the tag.")
