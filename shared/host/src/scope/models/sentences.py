"""Why a download failed, in one sentence that says what to do."""

import errno
import re
from collections.abc import Iterator
from typing import Any

_DISK = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the folder is read-only",
    errno.EACCES: "the folder may not be written",
    errno.EPERM: "the folder may not be written",
}
_UNREACHABLE = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "Timeout", "ChunkedEncodingError", "ProtocolError")
_SIZES = re.compile(r"should be of size (\d+) but has size (\d+)")


class FetchError(RuntimeError):
    """A download that failed for a reason that is already a sentence."""


def sentence(error: Exception, request: dict[str, Any]) -> str:
    """What went wrong with a request of `scope.models.fetch`, for a person."""
    source = request["source"]
    if isinstance(error, FetchError):
        return f"{source}: {error}."
    errors = list(_chain(error))
    names = {name for one in errors for name in _names(one)}
    if full := next((_DISK[e.errno] for e in errors if isinstance(e, OSError) and e.errno in _DISK), None):
        return f"{source}: {full} at {request['staging']}; what came so far is kept and will be resumed."
    if wrong := next((m for e in errors if (m := _SIZES.search(str(e)))), None):
        return f"{source}: {wrong[2]} bytes came where {wrong[1]} were announced; try again."
    return f"{source}{_of_source(names)}" if _of_source(names) else f"{source}: {_last(error)}"


def unreachable(error: Exception) -> bool:
    """True if the network failed, so that trying again may help."""
    return any(name in _UNREACHABLE for one in _chain(error) for name in _names(one))


def _of_source(names: set[str]) -> str:
    if "GatedRepoError" in names:
        return (
            " is gated: accept its terms on its page, then store a key of your account in the settings or in HF_TOKEN."
        )
    if "OfflineModeIsEnabled" in names:
        return " was not asked, because HF_HUB_OFFLINE is set; unset it to download."
    if "RepositoryNotFoundError" in names:
        return " does not exist, or is private: check the name, or store a key that may read it in the settings or in HF_TOKEN."
    if names & {"EntryNotFoundError", "RemoteEntryNotFoundError", "RevisionNotFoundError"}:
        return " no longer has this file; its plugin may have a newer version that asks for another."
    if names & {"FileURLRetrievalError"}:
        return " gives no file: it is not shared with everybody, or too many people fetched it today."
    if names & set(_UNREACHABLE):
        return " could not be reached, or stopped answering; what came so far is kept and will be resumed."
    return ""


def _last(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no reason given'}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _names(error: BaseException) -> set[str]:
    return {cls.__name__ for cls in type(error).__mro__}
