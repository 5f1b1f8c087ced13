"""A file at an address. Runs in the process of `scope.models.fetch` only."""

import os
import re
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, cast
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from scope.models.remote import Listing, RemoteFile
from scope.models.sentences import FetchError

_BLOCK = 1 << 20
_TIMEOUT = 30.0
_REFUSALS = {
    401: "wants to know who asks: store a key of your account there",
    403: "does not give this file to you: it may need an account with a key, or terms that are accepted first",
    404: "has no such file",
}


def listing(request: dict[str, Any]) -> Listing:
    """An address says nothing of its file before the download."""
    return Listing(request["source"], [RemoteFile(request["address"], request["source"])])


def fetch(request: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> dict[str, str]:
    """Fetch the file into the staging folder; the name that the site gives it → staged path.

    `key`, or the environment variable that `key_variable` names, goes to the address itself and no further.
    """
    part = Path(request["staging"]) / "link.part"
    with _opened(request) as answer:
        if length := answer.headers.get("Content-Length"):
            say({"size": int(length)})
        with part.open("wb") as file:
            while block := answer.read(_BLOCK):
                file.write(block)
        if length and part.stat().st_size != int(length):
            raise FetchError(f"stopped after {part.stat().st_size} of {length} bytes; try again")
        name = _name(answer.headers.get("Content-Disposition", ""), answer.url)
    staged = part.with_name("link.whole")
    part.replace(staged)
    return {name: str(staged)}


def _opened(request: dict[str, Any]) -> HTTPResponse:
    asked = Request(request["address"], headers={"User-Agent": "scope-host"})
    if key := request.get("key") or os.environ.get(request.get("key_variable") or ""):
        # Sites send on to storage that refuses a key which is not its own.
        asked.add_unredirected_header("Authorization", f"Bearer {key}")
    try:
        return cast(HTTPResponse, urlopen(asked, timeout=_TIMEOUT))
    except HTTPError as error:
        raise FetchError(_REFUSALS.get(error.code, f"answers {error.code} {error.reason}")) from error
    except (URLError, TimeoutError) as error:
        raise FetchError(f"could not be reached: {getattr(error, 'reason', error)}") from error


def _name(disposition: str, address: str) -> str:
    """The file name in a header of RFC 6266, else the last part of the address that was come to.

    >>> _name('attachment; filename="ink v2.safetensors"', "https://site/42")
    'ink v2.safetensors'
    >>> _name("", "https://site/a%20b.pt?x=1")
    'a b.pt'
    """
    found = re.search(r"filename\*=UTF-8''([^;]+)", disposition) or re.search(r'filename="?([^";]+)', disposition)
    return unquote(found[1]) if found else unquote(urlsplit(address).path.rpartition("/")[2])
