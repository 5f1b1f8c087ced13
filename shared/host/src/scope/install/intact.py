"""Whether an installed distribution is still what was installed."""

import base64
import hashlib
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name


def is_intact(site: Path, name: str) -> bool:
    """True if every file of a distribution has the contents that its RECORD (PEP 376) names."""
    for distribution in metadata.distributions(path=[str(site)]):
        if canonicalize_name(distribution.name) == name:
            return all(_is_as_recorded(file) for file in distribution.files or [None])
    return False


def _is_as_recorded(file: metadata.PackagePath | None) -> bool:
    if file is None:
        return False
    if file.hash is None:  # the RECORD itself, and what Python compiled
        return True
    try:
        found = hashlib.new(file.hash.mode, Path(str(file.locate())).read_bytes()).digest()
    except (OSError, ValueError):
        return False
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode() == file.hash.value
