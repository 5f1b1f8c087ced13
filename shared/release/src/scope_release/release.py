"""Prepares and checks a release: version, changelog, lock, lines to paste, commit and tag. Nothing is pushed."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from packaging.version import Version

from scope_release import changelog
from scope_release.checkout import (
    Package,
    ReleaseError,
    changed_files,
    commit_of,
    find,
    git,
    literal_version,
    load,
    refuse_dirty,
    tags,
    workspace,
)
from scope_release.rules import check_package, is_plain


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
        root / "uv.lock": set_version(_read(root / "uv.lock"), package.name, version),
    }
    if literal_version(package) is not None:
        init = package.source / "__init__.py"
        files[init] = re.sub(r'(?m)^(__version__\s*=\s*")[^"]*', rf"\g<1>{version}", _read(init), count=1)
    files |= _pinned_lines(root, package, version)
    return files | _readdressed(root, files)


def _pinned_lines(root: Path, package: Package, version: str) -> dict[Path, str]:
    """READMEs with the lines to paste (`git+…@scope-fx-v0.1.0#…`, `vX.Y.Z` before the first release) at this version."""
    pinned = re.compile(rf"@{re.escape(package.name)}-v(?:X\.Y\.Z|[0-9][^#\s`\"]*)")
    texts = {path: _read(path) for path in (root / "README.md", package.folder / "README.md") if path.is_file()}
    return {
        path: pinned.sub(f"@{package.name}-v{version}", text) for path, text in texts.items() if pinned.search(text)
    }


def _readdressed(root: Path, files: dict[Path, str]) -> dict[Path, str]:
    """Every tracked file that names the repository by another address than that of its remote, with the remote's.

    The address that holds stands in `project.urls` of the root pyproject.toml; texts and links repeat it.
    """
    said, real = load(root).project.get("urls", {}).get("Repository"), remote_address(root)
    if said is None or real in (None, said):
        return {}
    named = re.compile(rf"{re.escape(said)}(?![\w-])")
    names = git(root, "grep", "--files-with-matches", "--fixed-strings", "-I", "-z", said).split("\0")
    texts = {root / name: files.get(root / name) or _read(root / name) for name in names if name}
    return {path: named.sub(real, text) for path, text in texts.items()}


def remote_address(root: Path) -> str | None:
    """The https address, without `.git`, of the remote `origin`; None where there is none that others can reach."""
    if "origin" not in git(root, "remote").split():
        return None
    url = git(root, "remote", "get-url", "origin")
    found = re.fullmatch(r"(?:(?:https?|ssh)://(?:[^@/]+@)?|[\w.-]+@)([\w.-]+)(?::\d+)?[:/](.+?)(?:\.git)?/?", url)
    return f"https://{found[1]}/{found[2]}" if found else None


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
    check_version(root, name, version)
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


STEPS = ("major", "minor", "patch")


def next_version(name: str, current: str, step: str, released: list[str]) -> str:
    """What `step` (major, minor, patch, or a version in full) makes of `current`.

    `released` are the versions that have a tag. The current version itself may be asked for as long as it has none:
    that is how a package is released for the first time.

    Raises:
        ReleaseError: `step` is neither, the version goes backwards, or it is released already.
    """
    chosen = _bump(Version(current), step) if step in STEPS else _explicit(name, step)
    if str(chosen) in released:
        raise ReleaseError(f"{name}: {chosen} is released already; the tag {name}-v{chosen} exists.")
    newest = max(map(Version, [current, *released]))
    if chosen < newest:
        raise ReleaseError(f"{name}: {chosen} goes backwards, as {newest} is there already.")
    return str(chosen)


def _bump(version: Version, step: str) -> Version:
    major, minor, patch = version.release + (0,) * (3 - len(version.release))
    if step == "patch" and version.is_prerelease:
        return Version(f"{major}.{minor}.{patch}")
    parts = {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0), "patch": (major, minor, patch + 1)}[step]
    return Version(".".join(map(str, parts)))


def _explicit(name: str, text: str) -> Version:
    if not is_plain(text):
        raise ReleaseError(f"{name}: {text!r} is neither {', '.join(STEPS)} nor a version such as 0.2.0.")
    return Version(text)


def set_version(text: str, name: str, version: str) -> str:
    """The lock with the version of the member `name` replaced.

    Raises:
        ReleaseError: the lock does not list it.
    """
    changed, count = _entry(name).subn(rf"\g<1>{version}\g<3>", text)
    if count != 1:
        raise ReleaseError(f"{name}: uv.lock does not list it as a workspace member; run `uv lock`.")
    return changed


def check_version(root: Path, name: str, version: str) -> None:
    """Raises ReleaseError where uv.lock has another version of the member `name`."""
    found = _entry(name).search((root / "uv.lock").read_text(encoding="utf-8"))
    if found is None or found[2] != version:
        raise ReleaseError(f"{name}: uv.lock says {found and found[2]}, but the version is {version}; run `uv lock`.")


def _entry(name: str) -> re.Pattern[str]:
    return re.compile(rf'(\[\[package\]\]\nname = "{re.escape(name)}"\nversion = ")([^"]+)("\nsource = {{ editable)')


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
