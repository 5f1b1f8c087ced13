"""Which commit of the host runs."""

import json
import subprocess
from importlib import metadata
from urllib.parse import unquote, urlsplit

UNKNOWN = "unknown"


def commit_of(distribution: str) -> str:
    """The commit that a distribution was installed from (PEP 610), or that its working tree stands at; else "unknown"."""
    try:
        source = json.loads(metadata.distribution(distribution).read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError):
        return UNKNOWN
    if "vcs_info" in source:
        return source["vcs_info"].get("commit_id", UNKNOWN)
    address = urlsplit(source.get("url", ""))
    if address.scheme != "file" or not source.get("dir_info", {}).get("editable"):
        return UNKNOWN
    return _head(unquote(address.path))


def _head(folder: str) -> str:
    try:
        found = subprocess.run(
            ["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    return found.stdout.strip()
