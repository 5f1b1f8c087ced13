"""Folders whose files clients upload, list, fetch and delete: names that cannot leave them, uploads all or nothing."""

import secrets
from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import anyio
from PIL import Image, UnidentifiedImageError

from scope.control.presets import NAME
from scope.media.packets import MAX_PIXELS

Kind = Literal["image", "video", "audio"]

KINDS: dict[str, Kind] = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".bmp", ".webp"), "image"),
    **dict.fromkeys((".mp4", ".avi", ".mov", ".mkv", ".webm"), "video"),
    **dict.fromkeys((".wav", ".mp3", ".flac", ".ogg"), "audio"),
}
MAX_BYTES = 2_000_000_000
_BUFFER = 2**20


class FileError(Exception):
    """A file that cannot be stored, in one sentence. `status` is that of the HTTP answer."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Entry:
    """One file: its path, size in bytes, and when it was written in Unix seconds."""

    path: Path
    size: int
    modified: float
    kind: Kind


@dataclass(frozen=True)
class Folder:
    """A folder of pictures, films and sounds; made when the first one is stored."""

    path: Path

    def list(self, kind: str | None = None) -> list[Entry]:
        """Every file of a kind that is known, the newest first."""
        files = [path for path in self.path.rglob("*") if _is_shown(path, self.path)] if self.path.is_dir() else []
        entries = [entry for path in files if (entry := _entry(path)) is not None]
        return sorted((e for e in entries if kind in (None, e.kind)), key=lambda e: e.modified, reverse=True)

    def find(self, name: str) -> Path:
        """The file of that name, which may stand in a folder of this one.

        Raises:
            FileError: 404, there is none.
        """
        root = self.path.resolve()
        try:
            path = (root / name).resolve()
            there = path.is_relative_to(root) and path.is_file()
        except (OSError, ValueError):
            there = False
        if not there:
            raise FileError(f"there is no file {name!r}", 404)
        return path

    def delete(self, name: str) -> None:
        """Remove a file.

        Raises:
            FileError: there is none, or the disk refuses.
        """
        try:
            self.find(name).unlink()
        except OSError as error:
            raise FileError(f"{name!r} cannot be deleted: {error.strerror or error}") from error

    async def store(self, name: str, parts: AsyncIterable[bytes]) -> Entry:
        """Write an upload; the file appears under its name when it is whole.

        Raises:
            FileError: a name or an ending that is not allowed, too large, no picture, or the disk refuses.
        """
        path = self.path / _checked_name(name)
        part = path.with_name(f".{name}.{secrets.token_hex(4)}.part")
        try:
            await anyio.to_thread.run_sync(lambda: path.parent.mkdir(parents=True, exist_ok=True))
            await _write(part, parts)
            await anyio.to_thread.run_sync(_finish, part, path)
        except OSError as error:
            raise FileError(f"{name!r} cannot be stored: {error.strerror or error}", 507) from error
        finally:
            part.unlink(missing_ok=True)
        entry = _entry(path)
        if entry is None:
            raise FileError(f"{name!r} was removed while it was stored")
        return entry


def _checked_name(name: str) -> str:
    if not NAME.fullmatch(name) or name.startswith(".") or name != name.strip():
        raise FileError(f"expected a name of 1 to 120 letters, digits, spaces and . _ -, got {name!r}")
    if Path(name).suffix.lower() not in KINDS:
        raise FileError(f"Invalid file type. Allowed types: {', '.join(ending[1:] for ending in KINDS)}")
    return name


async def _write(path: Path, parts: AsyncIterable[bytes]) -> None:
    """In large pieces and off the event loop: a slow disk must not hold the pictures up."""
    total, waiting = 0, bytearray()
    async with await anyio.open_file(path, "xb") as file:
        async for part in parts:
            total += len(part)
            if total > MAX_BYTES:
                raise FileError(f"expected at most {MAX_BYTES} bytes", 413)
            waiting += part
            if len(waiting) >= _BUFFER:
                await file.write(bytes(waiting))
                waiting.clear()
        await file.write(bytes(waiting))


def _finish(part: Path, path: Path) -> None:
    if KINDS[path.suffix.lower()] == "image":
        _check_picture(part)
    part.replace(path)


def _check_picture(path: Path) -> None:
    try:
        with Image.open(path) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise FileError("this is no picture that can be read") from error
    if width * height > MAX_PIXELS:
        raise FileError(f"expected a picture of at most {MAX_PIXELS // 10**6} megapixels, got {width}x{height}")


def _is_shown(path: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return not hidden and path.suffix.lower() in KINDS and path.is_file()


def _entry(path: Path) -> Entry | None:
    try:
        found = path.stat()
    except OSError:  # deleted meanwhile
        return None
    return Entry(path, found.st_size, found.st_mtime, KINDS[path.suffix.lower()])
