"""Temporary names beside a target, and the rename that makes them the target."""

import secrets
import shutil
import weakref
from collections.abc import Buffer
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Protocol

from scope.media.errors import MediaError
from scope.media.numbered import Numbered


class Staging(Protocol):
    """A place to write to that is not the target yet."""

    target: Path

    def commit(self) -> None:
        """Make what was written the target."""

    def discard(self) -> None:
        """Remove what was written; the target stays as it was."""


class StagedFile:
    """A hidden file beside `target`; the file that a link points to is the one replaced.

    Raises:
        OSError: the folder is missing or not writable.
        MediaError: the target is a folder.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self._final = target.resolve()
        if self._final.is_dir():
            raise MediaError(f"cannot write {target}: it is a folder")
        self.path = _hidden(self._final)
        # Also when an interrupt strikes before anyone holds this object.
        weakref.finalize(self, _remove, self.path)
        self.path.touch(exist_ok=False)

    def commit(self) -> None:
        """One rename, which no reader can see half done."""
        self.path.replace(self._final)

    def discard(self) -> None:
        """Remove the hidden file."""
        self.path.unlink(missing_ok=True)


class StagedSequence:
    """A hidden folder inside the sequence's own folder, which is made if only it is missing.

    Files of the same naming that are already there are never replaced or mixed with new ones.

    Raises:
        OSError: the folder cannot be made or written.
        MediaError: it holds such files.
    """

    def __init__(self, numbered: Numbered) -> None:
        self.target = Path(str(numbered))
        self._numbered = numbered
        self._moved: list[Path] = []
        folder = numbered.folder
        if existing := numbered.files():
            raise MediaError(f"cannot write {numbered}: {len(existing)} such files are there already")
        self._made_folder = not folder.exists()
        folder.mkdir(exist_ok=True)
        self._hidden = _hidden(folder / "frames")
        weakref.finalize(self, shutil.rmtree, self._hidden, ignore_errors=True)
        self._hidden.mkdir()

    def path(self, number: int) -> Path:
        """Where to write the picture of that number."""
        return self._hidden / self._numbered.name(number)

    def commit(self) -> None:
        """Move the pictures to their folder, in order."""
        for path in sorted(self._hidden.iterdir()):
            final = self._numbered.folder / path.name
            path.rename(final)
            self._moved.append(final)
        self._hidden.rmdir()

    def discard(self) -> None:
        """Remove every picture of this sequence, and the folder if it was made for it."""
        for path in self._moved:
            path.unlink(missing_ok=True)
        shutil.rmtree(self._hidden, ignore_errors=True)
        if self._made_folder:
            with suppress(OSError):
                self._numbered.folder.rmdir()


class WholeWrites(FileIO):
    """A raw write may stop short on a full disk without an error, and FFmpeg would not notice."""

    def write(self, data: Buffer) -> int:
        """Write all of it, or raise what the system says."""
        with memoryview(data) as view:
            done = 0
            while done < len(view):
                done += super().write(view[done:])
        return done


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _hidden(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
