"""The environment that plugins are installed for: its name, and a fingerprint of what is installed in it.

Standard library only: the engine process asks at every start.
"""

import hashlib
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

_SUFFIXES = (".dist-info", ".egg-info")


def python_tag() -> str:
    """The interpreter that compiled modules are made for, such as `cp312`."""
    return f"{sys.implementation.cache_tag.split('-')[0][0]}p{sys.version_info.major}{sys.version_info.minor}"


def environment_name() -> str:
    """A folder name for this environment on this machine: two environments never share their plugins."""
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return f"{python_tag()}-{platform}-{hashlib.sha256(sys.prefix.encode()).hexdigest()[:8]}"


def base_path(plugins: Path) -> list[str]:
    """`sys.path` without what lies below the plugins folder, so that an activated generation is no part of the host."""
    return [entry for entry in sys.path if not Path(entry or ".").resolve().is_relative_to(plugins.resolve())]


def fingerprint(path: Iterable[str]) -> str:
    """SHA-256 of the names and versions of all distributions on `path`, from the names of their metadata folders."""
    found = sorted({name for folder in path for name in _distributions(folder)})
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


def _distributions(folder: str) -> Iterator[str]:
    try:
        names = os.listdir(folder or ".")  # noqa: PTH208 - half the time of Path.iterdir, at every start
    except OSError:
        return
    yield from (name for name in names if name.endswith(_SUFFIXES))
