"""The next version of a package."""

from packaging.version import InvalidVersion, Version

from scope_release.errors import ReleaseError

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


def is_plain(text: str) -> bool:
    """True for MAJOR.MINOR.PATCH in its normal spelling, with or without a pre-release (0.2.0, 1.0.0rc1)."""
    try:
        version = Version(text)
    except InvalidVersion:
        return False
    return str(version) == text and len(version.release) == 3 and version.local is None


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
