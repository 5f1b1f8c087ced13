"""Hugging Face: what a repository holds, and its files. Runs in the process of `scope.models.fetch` only."""

import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from scope.models.checksums import check
from scope.models.remote import Listing, RemoteFile, wanted
from scope.models.sentences import FetchError, unreachable

# Seconds before each further attempt.
_PAUSES = (1, 2, 4, 8)
_CHUNK = 1 << 17


def listing(request: dict[str, Any]) -> Listing:
    """The declared files of a repository with sizes and checksums; folders become their files.

    Raises:
        FetchError: a declared file or folder is not there.
    """
    from huggingface_hub import HfApi

    info = HfApi().model_info(request["source"], files_metadata=True)
    siblings = [s for s in info.siblings or [] if wanted(request["files"], s.rfilename)]
    for name in request["files"]:
        if not any(wanted([name], s.rfilename) for s in siblings):
            raise FetchError(f"has no file or folder {name!r}; the plugin that asks for it names it wrongly")
    folder = request["source"].rsplit("/", 1)[-1]
    files = [RemoteFile(s.rfilename, str(PurePosixPath(folder, s.rfilename)), s.size, _digest(s)) for s in siblings]
    return Listing(request["source"], files, info.sha, getattr(info.card_data, "license", None))


def _digest(sibling: Any) -> str | None:
    if sibling.lfs is not None:
        return f"sha256:{sibling.lfs.sha256}"
    return f"git-sha1:{sibling.blob_id}" if sibling.blob_id else None


def _download(request: dict[str, Any], name: str) -> str:
    from huggingface_hub import constants, hf_hub_download

    # A chunk that is cut off is lost; the library's ten megabytes would be a minute of a slow line.
    setattr(constants, "DOWNLOAD_CHUNK_SIZE", _CHUNK)  # noqa: B010 - typed as a constant, read at each download
    return hf_hub_download(
        request["source"], name, revision=request["revision"], local_dir=request["staging"], etag_timeout=30
    )


def _patiently(download: Callable[[], str]) -> str:
    """A download that goes on where it stopped when the connection breaks, a few times."""
    for pause in _PAUSES:
        try:
            return download()
        except Exception as error:
            if not unreachable(error):
                raise
        time.sleep(pause)
    return download()


def fetch(request: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> dict[str, str]:
    """Fetch one file into the staging folder and check it; name → staged path."""
    file = RemoteFile(**request["file"])
    path = _patiently(lambda: _download(request, file.name))
    say({"checking": file.name})
    check(Path(path), file.size, file.digest)
    return {file.target: path}
