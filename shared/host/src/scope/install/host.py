"""What the host provides: its distributions as constraints, so that no plugin is given a second copy or another version.

A constraint by URL to a metadata-only wheel (a "stand-in") pins a distribution that is on no index, such as an editable
checkout or a build with a local version, and costs no question to an index.
"""

import json
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.request import url2pathname

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from scope.core.files import write
from scope.core.plugins.manager import ENTRY_POINT_GROUP
from scope.install.environment import base_path, fingerprint

CONSTRAINTS = "constraints.txt"
SELF = "scope-host"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Provided:
    """A distribution of the host: `plugin` says it has a `scope` entry point, `editable` where its source is."""

    name: str
    version: str
    headers: tuple[tuple[str, str], ...]
    plugin: bool = False
    editable: str = ""

    @property
    def place(self) -> str:
        """How it got here, in words."""
        return f"editable, from {self.editable}" if self.editable else "installed there"


@dataclass(frozen=True)
class Host:
    """The distributions of the host's own environment by canonical name."""

    distributions: dict[str, Provided]
    fingerprint: str

    @property
    def constrained(self) -> list[Provided]:
        """All but its plugins: a stand-in for those would only hide why they cannot be installed again."""
        return [found for found in self.distributions.values() if not found.plugin]


def facts(plugins: Path) -> Host:
    """Read the environment of this process, without anything that lies below the plugins folder."""
    path = base_path(plugins)
    found: dict[str, Provided] = {}
    for distribution in metadata.distributions(path=path):
        provided = _provided(distribution)
        if provided is not None:
            found.setdefault(provided.name, provided)
    return Host(dict(sorted(found.items())), fingerprint(path))


def stand_ins(host: Host, folder: Path) -> Path:
    """Make a stand-in for each distribution below `folder/<fingerprint>`, once; gives the constraints file."""
    home = folder / host.fingerprint[:16]
    constraints = home / CONSTRAINTS
    if constraints.exists():
        return constraints
    home.mkdir(parents=True, exist_ok=True)
    lines = [f"{found.name} @ {_stand_in(found, home).as_uri()}\n" for found in host.constrained]
    write(constraints, "".join(lines))
    return constraints


def _provided(distribution: metadata.Distribution) -> Provided | None:
    # Each look at `distribution.metadata` reads and parses the file anew.
    fields = distribution.metadata
    name, version = fields.get("Name", ""), fields.get("Version", "")
    try:
        Version(version)
    except InvalidVersion as error:
        log.info("a distribution of the host is passed over: %s", error)
        return None
    headers = tuple((key, value) for key in ("Provides-Extra", "Requires-Dist") for value in fields.get_all(key, ()))
    plugin = any(distribution.entry_points.select(group=ENTRY_POINT_GROUP))
    return Provided(canonicalize_name(name), version, headers, plugin, editable_folder(distribution))


def editable_folder(distribution: metadata.Distribution) -> str:
    """The folder of an editable installation (PEP 610), or an empty text."""
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    if not origin.get("dir_info", {}).get("editable"):
        return ""
    return url2pathname(origin["url"].removeprefix("file://"))


def _stand_in(found: Provided, folder: Path) -> Path:
    stem = f"{re.sub(r'[-_.]+', '_', found.name)}-{found.version}"
    wheel = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{stem}.dist-info/METADATA", "".join(_metadata(found)))
        archive.writestr(
            f"{stem}.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: scope\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return wheel


def _metadata(found: Provided) -> Iterator[str]:
    """What a resolver reads. Plain requirements are left out: the host has met them; those of extras may be new."""
    yield f"Metadata-Version: 2.1\nName: {found.name}\nVersion: {found.version}\n"
    for key, value in found.headers:
        if key == "Provides-Extra" or "extra" in value.partition(";")[2]:
            yield f"{key}: {' '.join(value.split())}\n"
