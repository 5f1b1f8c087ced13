"""Files held against the sizes and checksums that their source states."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from scope.models.sentences import FetchError

_BLOCK = 1 << 20


def check(path: Path, size: int | None, digest: str | None) -> None:
    """Hold a file against what its source says of it.

    Raises:
        FetchError: another size or another checksum; the file is deleted, for to resume it would not help.
    """
    actual = path.stat().st_size
    if size is not None and actual != size:
        path.unlink()
        raise FetchError(f"{path.name} came with {actual} bytes where {size} were announced; it was deleted, try again")
    if digest is not None and digest_of(path, digest.partition(":")[0]) != digest:
        path.unlink()
        raise FetchError(f"{path.name} does not have the checksum that its source states; it was deleted, try again")


def digest_of(path: Path, kind: str) -> str:
    """The checksum of a file as `sha256:…`, or `git-sha1:…` (of a Git blob: its length is hashed first)."""
    hashed = hashlib.sha1(usedforsecurity=False) if kind == "git-sha1" else hashlib.sha256()
    if kind == "git-sha1":
        hashed.update(b"blob %d\0" % path.stat().st_size)
    for block in _blocks(path):
        hashed.update(block)
    return f"{kind}:{hashed.hexdigest()}"


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
