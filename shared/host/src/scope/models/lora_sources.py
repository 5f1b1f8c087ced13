"""Where LoRA files come from, as requests of `scope.models.fetch`."""

import os
import re
from typing import Any, Literal, NamedTuple
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

from scope.models.sentences import FetchError

Source = Literal["huggingface", "civitai", "url"]
_REPO = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}")
_HUB_PATH = re.compile(r"/([\w.-]+/[\w.-]+)/(?:resolve|blob)/[^/]+/(.+)")


class Origin(NamedTuple):
    """A request, and what is recorded of where the file came from."""

    request: dict[str, Any]
    provenance: dict[str, Any]


def from_hub(repo: str, file: str) -> Origin:
    """A file of a repository on the hub, which `HF_ENDPOINT` replaces.

    Raises:
        FetchError: no repository or no file is named.
    """
    if not _REPO.fullmatch(repo) or not file or file.startswith("/") or ".." in file.split("/"):
        raise FetchError(f"expected a repository owner/name and a file in it, got {repo!r} and {file!r}")
    target = file.rpartition("/")[2]
    request = {"kind": "hub", "source": repo, "revision": None, "files": [file]}
    request["file"] = {"name": file, "target": target}
    return Origin(request, {"source": "huggingface", "repo_id": repo, "hf_filename": file})


def from_civitai(version: str, model: str | None = None, key: str | None = None) -> Origin:
    """A version of a model on Civitai, which `SCOPE_CIVITAI_ENDPOINT` replaces; `key` goes before a stored one.

    Raises:
        FetchError: the version is no number.
    """
    if not version.isascii() or not version.isdecimal():
        raise FetchError(
            f"expected the number of a version on Civitai (modelVersionId in its address), got {version!r}"
        )
    address = f"{_civitai()}/api/download/models/{version}"
    link = {"kind": "link", "source": f"Civitai version {version}", "address": address}
    request = link | {"key": key, "key_variable": "CIVITAI_API_TOKEN"}
    return Origin(request, {"source": "civitai", "model_id": model, "version_id": version})


def from_address(address: str) -> Origin:
    """A file at an address; one of the hub or of Civitai is asked for as theirs.

    Raises:
        FetchError: it is no address, or one of Civitai that names no version.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or not address.isprintable() or " " in address:
        raise FetchError(f"expected an address such as https://host/name.safetensors, got {address!r}")
    site = f"{parts.scheme}://{parts.netloc}"
    if site == _hub() and (found := _HUB_PATH.fullmatch(parts.path)):
        return from_hub(found[1], found[2])
    if site == _civitai() and (version := _version(parts)) is not None:
        return from_civitai(version)
    shown = f"{parts.scheme}://{parts.hostname}{parts.path}"
    request = {"kind": "link", "source": shown, "address": quote(address, safe="%:/?#[]@!$&'()*+,;=~")}
    return Origin(request, {"source": "url", "url": shown})


def _version(parts: SplitResult) -> str | None:
    """The version in an address of Civitai, "" for the page of a model that names none, None for anything else."""
    download = re.fullmatch(r"/api/download/models/(\d+)", parts.path)
    if download is not None:
        return download[1]
    return parse_qs(parts.query).get("modelVersionId", [""])[0] if parts.path.startswith("/models/") else None


def _hub() -> str:
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def _civitai() -> str:
    return os.environ.get("SCOPE_CIVITAI_ENDPOINT", "https://civitai.com").rstrip("/")
