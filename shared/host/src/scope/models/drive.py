"""Google Drive: one shared file, or the named files of a shared ZIP. Runs in the process of `scope.models.fetch` only."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from scope.models.remote import Listing, RemoteFile
from scope.models.sentences import FetchError


def listing(request: dict[str, Any]) -> Listing:
    """Drive states neither sizes nor checksums before the download."""
    names = request["files"] or [request["source"]]
    files = [RemoteFile(name, str(PurePosixPath(request["folder"], name))) for name in names]
    return Listing(request["source"], files)


def fetch(request: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> dict[str, str]:
    """Fetch the file into the staging folder, and take the named files out of it if it is a ZIP; target → staged path.

    `SCOPE_DRIVE_ENDPOINT` replaces Drive's address, as `HF_ENDPOINT` does the hub's.
    """
    import gdown

    staging = Path(request["staging"])
    staging.mkdir(parents=True, exist_ok=True)
    endpoint = os.environ.get("SCOPE_DRIVE_ENDPOINT")
    address: dict[str, Any] = (
        {"url": f"{endpoint}/uc?id={request['source']}"} if endpoint else {"id": request["source"]}
    )
    whole = staging / "download"
    gdown.download(
        **address,
        output=str(whole),
        quiet=True,
        use_cookies=False,
        resume=True,
        retries=3,
        timeout=30,
        progress=_announced(say),
    )
    files = listing(request).files
    if zipfile.is_zipfile(whole) and request["files"]:
        return _unpacked(whole, files, staging)
    if len(files) > 1:
        whole.unlink()
        raise FetchError(f"is not a ZIP, so it cannot hold {', '.join(file.name for file in files)}")
    return {files[0].target: str(whole)}


def _announced(say: Callable[[dict[str, Any]], None]) -> Callable[[int, int | None], None]:
    """A callback that passes on the size once it is known."""
    known: set[int] = set()

    def progress(_done: int, total: int | None) -> None:
        if total is not None and total not in known:
            known.add(total)
            say({"size": total})

    return progress


def _unpacked(whole: Path, files: list[RemoteFile], staging: Path) -> dict[str, str]:
    with zipfile.ZipFile(whole) as archive:
        members = {file.target: _member(archive, file.name) for file in files}
        out = {}
        for index, (target, member) in enumerate(members.items()):
            staged = staging / f"unpacked-{index}"
            # Only the content is taken, by our own name: paths inside the archive lead nowhere. zipfile checks the CRC.
            with archive.open(member) as source, staged.open("wb") as file:
                while block := source.read(1 << 20):
                    file.write(block)
            out[target] = str(staged)
    whole.unlink()
    return out


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """The member of that path, else the only one of that file name."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    found = [i for i in infos if i.filename == name] or [
        i for i in infos if PurePosixPath(i.filename).name == PurePosixPath(name).name
    ]
    if len(found) != 1:
        raise FetchError(f"holds {len(found)} files named {name!r} in its ZIP, expected one")
    return found[0]
