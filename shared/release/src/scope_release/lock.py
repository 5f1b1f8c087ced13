"""The version of a workspace member in uv.lock, kept right without resolving anything."""

import re
from pathlib import Path

from scope_release.errors import ReleaseError


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
