"""Files that are whole or absent: written aside, then moved into place by one atomic step. Standard library only."""

import os
import secrets
import time
from pathlib import Path

PRIVATE = 0o600
SHARED = 0o666
"""For whoever the process lets read its files (umask)."""
_TRIES = 5
_PAUSE = 0.05


def write(path: Path, text: str, mode: int = PRIVATE) -> None:
    """Replace the file at `path` by one that holds `text`, durably; unless told otherwise only its owner reads it.

    Raises:
        OSError: the disk is full, or the folder cannot be written; what was at `path` stays.
    """
    aside = prepare(path, text, mode)
    try:
        replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def prepare(path: Path, text: str, mode: int = PRIVATE) -> Path:
    """Write what shall be at `path` into a file beside it; `replace` needs no more room on the disk.

    Raises:
        OSError: as `write`.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(
            os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8", newline=""
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return aside


def replace(source: Path, target: Path) -> None:
    """`os.replace`, tried again while a virus scanner holds the target (Windows), then made durable."""
    for attempt in range(_TRIES):
        try:
            os.replace(source, target)  # noqa: PTH105 - the one call that a test interrupts
            break
        except PermissionError:
            if os.name != "nt" or attempt == _TRIES - 1:
                raise
            time.sleep(_PAUSE)
    sync_folder(target.parent)


def settle(path: Path) -> None:
    """Make the content of a file durable that somebody else wrote."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append(path: Path, line: str) -> None:
    """Add one line at the end, durably; a line that an interruption left unfinished is closed first."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, PRIVATE), "r+b") as file:
        torn = file.seek(0, os.SEEK_END) and not _ends_a_line(file)
        file.write(("\n" if torn else "").encode() + line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system lets folders be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def leftovers(folder: Path, name: str = "*") -> list[Path]:
    """Files that an interrupted `write` of `name` left in a folder."""
    return [path for path in folder.glob(f".{name}.*") if len(path.suffix) == 9 and path.is_file()]


def _ends_a_line(file) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
