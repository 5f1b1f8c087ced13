"""The only place that talks to a model hub, as a process of its own: `python -m scope.models.fetch`.

A process can be ended at any moment, which no download library can, and a server that starts it stays free of theirs.
One request comes as a line of JSON on stdin, answers go as lines of JSON to stdout; the process ends when stdin does.
Partial files stay in the staging folder and are resumed by the next request for the same file.
"""

import hashlib
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scope.models.sentences import FetchError, sentence

_BLOCK = 1 << 20


def main() -> int:
    """Answer one request; 0 when it was done, 1 after a line that holds the reason why not."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, name="scope:models:parent", daemon=True).start()
    # Xet's partial files can be neither resumed nor watched; plain HTTP's can.
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DOWNLOAD_TIMEOUT", "30")
    try:
        _say(_answer(request))
    except Exception as error:  # noqa: BLE001 - whatever a download library raises becomes one sentence
        _say({"error": sentence(error, request)})
        return 1
    return 0


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    from scope.models import drive, hub

    source = {"hub": hub, "drive": drive}[request["kind"]]
    if request["do"] == "list":
        return {"listing": source.listing(request).to_json()}
    return {"files": source.fetch(request, _say)}


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _say(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


def check(path: Path, size: int | None, digest: str | None) -> None:
    """Hold a file against what its source says of it.

    Raises:
        FetchError: another size or another checksum; the file is deleted, for to resume it would not help.
    """
    actual = path.stat().st_size
    if size is not None and actual != size:
        path.unlink()
        raise FetchError(f"{path.name} came with {actual} bytes where {size} were announced; it was deleted")
    if digest is not None and digest_of(path, digest.partition(":")[0]) != digest:
        path.unlink()
        raise FetchError(f"{path.name} does not have the checksum that its source states; it was deleted")


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


if __name__ == "__main__":
    sys.exit(main())
