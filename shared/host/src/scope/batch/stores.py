"""Inputs from and outputs to anywhere: paths of this machine as they are, URLs through fsspec."""

import glob
import hashlib
import posixpath
import secrets
import shutil
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

from scope.media.remote import Remote

# So many clips are looked into at a time: those that lie elsewhere take long to answer.
LOOKING = 16
PART_SUFFIX = ".part"
# Stores in which a file appears with its last byte, so that nothing half is ever seen and nothing has to be moved.
_ATOMIC = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"}


class StoreError(Exception):
    """A place that cannot be read or written, in one sentence."""


def is_url(place: str) -> bool:
    """Whether a place is a URL and no path of this machine."""
    return "://" in place and not place.startswith("test://")


def there(places: Sequence[str]) -> set[str]:
    """Those of some places where a file lies; of a store only the folder that they share is listed, for thousands of
    questions would take long.

    Raises:
        StoreError: the store cannot be reached.
    """
    urls = {place: _store(place) for place in places if is_url(place)}
    found = {place for place in places if place not in urls and Path(place).exists()}
    if urls:
        store = next(iter(urls.values()))[0]
        folder = posixpath.commonpath([posixpath.dirname(path) for _, path in urls.values()])
        with _explained(f"cannot reach {next(iter(urls))}"):
            listed = set(store.find(folder)) if store.exists(folder) else set()
        found |= {place for place, (_, path) in urls.items() if path in listed}
    return found


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
        with _explained(f"cannot write {place}"):
            _put(store, local, PurePosixPath(path), is_atomic=_is_atomic(place))


def _is_atomic(url: str) -> bool:
    return url.partition(":")[0] in _ATOMIC


def _put(store: Any, local: Path, target: PurePosixPath, *, is_atomic: bool) -> None:
    if is_atomic:
        store.put_file(str(local), str(target))
        return
    part = str(target.with_name(f".{target.name}.{secrets.token_hex(4)}{PART_SUFFIX}"))
    store.makedirs(str(target.parent), exist_ok=True)
    store.put_file(str(local), part)
    store.mv(part, str(target))


def sweep(folder: str) -> None:
    """Remove the partial films below a folder, which workers leave behind that were ended in the middle.

    Raises:
        StoreError: the store cannot be reached.
    """
    if not is_url(folder):
        for part in Path(folder).rglob(f".*{PART_SUFFIX}"):
            part.unlink(missing_ok=True)
        return
    if _is_atomic(folder):
        return
    store, path = _store(folder)
    with _explained(f"cannot reach {folder}"), suppress(FileNotFoundError):
        for name in store.find(path):
            if name.endswith(PART_SUFFIX) and PurePosixPath(name).name.startswith("."):
                store.rm_file(name)


def removed(place: str) -> None:
    """Remove a folder with all that is in it; what cannot be removed stays."""
    if not is_url(place):
        shutil.rmtree(place, ignore_errors=True)
        return
    store, path = _store(place)
    with suppress(Exception):
        store.rm(path, recursive=True)


@dataclass(frozen=True)
class Facts:
    """What a place tells of its file: bytes, and when it was written; None where a store does not say."""

    bytes: int | None
    written: datetime | None


def facts(place: str) -> Facts | None:
    """What is known of a file without reading it; None where there is none, or it cannot be reached."""
    try:
        if not is_url(place):
            found = Path(place).stat()
            return Facts(found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))
        store, path = _store(place)
        with _explained(f"cannot reach {place}"):
            return Facts(store.size(path), _written(store, path))
    except (OSError, StoreError):
        return None


def _written(store: Any, path: str) -> datetime | None:
    try:
        when = store.modified(path)
    except NotImplementedError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


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
