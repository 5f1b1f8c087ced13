"""Inputs from and outputs to anywhere: paths of this machine as they are, URLs through fsspec."""

import glob
import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

from scope.media.remote import Remote

# So many clips are looked into at a time: those that lie elsewhere take long to answer.
LOOKING = 16


class StoreError(Exception):
    """A place that cannot be read or written, in one sentence."""


def is_url(place: str) -> bool:
    """Whether a place is a URL and no path of this machine."""
    return "://" in place and not place.startswith("test://")


def matching(pattern: str) -> list[str]:
    """The files that a pattern with `*`, `?` and `**` names, absolute and sorted; a URL is looked up where it is.

    Raises:
        StoreError: there is none.
    """
    if is_url(pattern):
        store, path = _store(pattern)
        found = [store.unstrip_protocol(name) for name in store.glob(path)] if "*" in pattern else [pattern]
    else:
        # Path.glob takes no absolute patterns.
        names = map(Path, glob.glob(pattern, recursive=True))  # noqa: PTH207
        found = [str(name.absolute()) for name in names if name.is_file()]
    if not found:
        raise StoreError(f"no file is named like {pattern}")
    return sorted(found)


def film_at(place: str) -> Path | Remote:
    """A clip where it lies."""
    return Remote(place) if is_url(place) else Path(place)


@contextmanager
def fetched(place: str) -> Generator[Path]:
    """A file of this machine with what lies at `place`; a copy that goes afterwards if it came from elsewhere.

    Raises:
        StoreError: it cannot be fetched.
    """
    if not is_url(place):
        yield Path(place)
        return
    store, path = _store(place)
    with tempfile.TemporaryDirectory(prefix="scope-batch-") as folder:
        local = Path(folder) / PurePosixPath(path).name
        with _explained(f"cannot fetch {place}"):
            store.get_file(path, str(local))
        yield local


@contextmanager
def delivered(place: str) -> Generator[Path]:
    """A file of this machine to write to, which lies at `place` afterwards, whole or not at all.

    Raises:
        StoreError: it cannot be put there.
    """
    if not is_url(place):
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        yield Path(place)
        return
    store, path = _store(place)
    with tempfile.TemporaryDirectory(prefix="scope-batch-") as folder:
        local = Path(folder) / PurePosixPath(path).name
        yield local
        part = f"{path}.{secrets.token_hex(4)}.part"
        with _explained(f"cannot write {place}"):
            store.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
            store.put_file(str(local), part)
            store.mv(part, path)


def exists(place: str) -> bool:
    """Whether something is there."""
    if not is_url(place):
        return Path(place).exists()
    store, path = _store(place)
    with _explained(f"cannot reach {place}"):
        return store.exists(path)


def removed(place: str) -> None:
    """Remove a folder with all that is in it; what cannot be removed stays."""
    if not is_url(place):
        shutil.rmtree(place, ignore_errors=True)
        return
    store, path = _store(place)
    with suppress(Exception):
        store.rm(path, recursive=True)


def size(place: str) -> int:
    """How many bytes lie there."""
    if not is_url(place):
        return Path(place).stat().st_size
    store, path = _store(place)
    with _explained(f"cannot reach {place}"):
        return store.size(path)


def content(path: Path) -> dict[str, Any]:
    """What a file holds: its size in bytes and a checksum."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "blake2b": hashlib.file_digest(file, _blake2b).hexdigest()}


def _blake2b() -> Any:
    return hashlib.blake2b(digest_size=16)


def _store(url: str) -> tuple[Any, str]:
    try:
        core = import_module("fsspec.core")
    except ImportError as error:
        raise StoreError(f"{url} is a URL, which needs the extra: install scope-host[batch]") from error
    with _explained(f"cannot reach {url}"):
        return core.url_to_fs(url)


@contextmanager
def _explained(what: str) -> Generator[None]:
    try:
        yield
    except Exception as error:
        # Every store raises errors of its own kind.
        raise StoreError(f"{what}: {str(error) or type(error).__name__}") from error
