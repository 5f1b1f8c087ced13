"""Films that a URL names, read where they lie, and of them only what is asked for."""

import os
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from scope.media.errors import MediaError

BLOCK_BYTES = 2**20


@dataclass(frozen=True)
class Remote:
    """A film at a URL that fsspec opens. A type of its own: what somebody typed as a path never becomes a request."""

    url: str

    def open(self) -> Any:
        """A file for reading from any place in it.

        Raises:
            MediaError: it cannot be reached, or only be read from its beginning.
        """
        try:
            store, path = import_module("fsspec.core").url_to_fs(self.url)
            # Pictures and sound lie beside each other, so FFmpeg reads in several places in turn.
            file = store.open(
                path, "rb", block_size=BLOCK_BYTES, cache_type="blockcache", cache_options={"maxblocks": 32}
            )
            # A server that sends whole files only is found out here, and not in the middle of a film.
            file.seek(-1, os.SEEK_END)
            file.read(1)
            file.seek(0)
        except Exception as error:
            # Every store raises errors of its own kind.
            raise MediaError(f"cannot read {self}: {str(error) or type(error).__name__}") from error
        return file

    def __str__(self) -> str:
        return self.url
