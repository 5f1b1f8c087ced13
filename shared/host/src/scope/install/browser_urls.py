"""From the address of a page in a browser to the repository, ref and folder that it shows.

GitHub writes `/tree/REF/FOLDER` and `/blob/REF/FILE`, GitLab the same after `/-/`, Gitea and Codeberg
`/src/branch/REF/…` (also `tag`, `commit`), Bitbucket `/src/REF/…`. A ref may hold slashes, so the repository is asked.
"""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from scope.install.errors import BadRequestError


class Refs(NamedTuple):
    """The branches and tags of a repository, and the branch that a clone checks out ("" if it does not say)."""

    names: list[str]
    default: str


RefLookup = Callable[[str], Refs]

_PAGE = re.compile(
    r"(?P<repository>/.+?)(?:/-/(?:tree|blob)/|/(?:tree|blob)/|/src/(?:branch|tag|commit)/|/src/)(?P<rest>.+)"
)
_COMMIT = re.compile(r"[0-9a-f]{7,40}")


def from_browser_url(url: str, refs: RefLookup) -> str:
    """`url` as `git+URL[@REF][#subdirectory=FOLDER]`; the default branch is left out.

    Raises:
        BadRequestError: the address names no repository, or no ref of it.
    """
    parts = urlsplit(url)
    path = unquote(parts.path).rstrip("/")
    page = _PAGE.fullmatch(path)
    repository = page["repository"] if page else path
    if repository.count("/") < 2:
        raise BadRequestError(f'"{url}" names no repository; expected https://host/owner/repository.')
    address = f"{parts.scheme}://{parts.netloc}{repository}"
    if not page:
        return f"git+{address}"
    ref, folder = _split(address, page["rest"], refs)
    return f"git+{address}" + (f"@{ref}" if ref else "") + (f"#subdirectory={folder}" if folder else "")


def _split(address: str, rest: str, refs: RefLookup) -> tuple[str, str]:
    names, default = refs(address)
    known = [ref for ref in names if rest == ref or rest.startswith(f"{ref}/")]
    first = rest.split("/", 1)[0]
    if not known and not _COMMIT.fullmatch(first):
        raise BadRequestError(f'{address} has no branch or tag that begins "{rest}".')
    ref = max(known, key=len) if known else first
    return "" if ref == default else ref, _folder(rest[len(ref) :].strip("/"))


def _folder(path: str) -> str:
    return path.removesuffix("pyproject.toml").rstrip("/")
