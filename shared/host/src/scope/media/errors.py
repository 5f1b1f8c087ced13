"""The one exception of this room, and the sentences for files that cannot be written."""

import errno
from pathlib import Path


class MediaError(Exception):
    """A file cannot be read or written; the message is one sentence for the person who named the file."""


_FULL = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than is allowed here",
}
_MISSING = {errno.ENOENT, errno.ENOTDIR}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def cannot_create(target: Path, error: OSError) -> MediaError:
    """The sentence for a target whose file could not even be opened beside it."""
    if error.errno in _MISSING:
        return MediaError(f"cannot write {target}: the folder {target.parent} does not exist")
    if error.errno in _FORBIDDEN:
        return MediaError(f"cannot write {target}: the folder {target.parent} is not writable")
    return MediaError(f"cannot write {target}: {reason(error)}")


def cannot_continue(target: Path, error: Exception, written: str) -> MediaError:
    """The sentence for a write that failed after so much was `written`."""
    return MediaError(f"cannot write {target}: {reason(error)} after {written}; the partial file was removed")


def reason(error: Exception) -> str:
    """What the system or FFmpeg says of a failed write, in few words."""
    number = getattr(error, "errno", None)
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return _FULL.get(number, text) if number is not None else text
