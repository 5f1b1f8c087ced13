"""What an artifact is made of at its source: files with sizes and checksums. Talks to no network."""

from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any


@dataclass(frozen=True)
class RemoteFile:
    """One file to fetch.

    `name`: its path at the source. `target`: where it lands, relative to the models folder. `size`: bytes, None if the
    source does not say. `digest`: `sha256:…` or, for small files of the hub, `git-sha1:…`.
    """

    name: str
    target: str
    size: int | None = None
    digest: str | None = None


@dataclass(frozen=True)
class Listing:
    """The files of one artifact, and what its source says of it. `revision` pins a repository while it is fetched."""

    source: str
    files: list[RemoteFile] = field(default_factory=list)
    revision: str | None = None
    license: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Listing":
        files = [RemoteFile(**file) for file in value["files"]]
        return cls(value["source"], files, value["revision"], value["license"])


def wanted(declared: list[str], name: str) -> bool:
    """True if a file of a repository is one of the declared files, or lies in a declared folder.

    >>> wanted(["config.json", "google"], "google/umt5/spiece.model"), wanted(["google"], "googles.txt")
    (True, False)
    """
    path = PurePosixPath(name)
    return any(path == PurePosixPath(entry) or PurePosixPath(entry) in path.parents for entry in declared)
