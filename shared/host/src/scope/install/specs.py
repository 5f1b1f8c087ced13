"""What a person may ask for: a name, a Git repository, a folder, a file or a URL, as one canonical line."""

import os
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from urllib.request import url2pathname

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from scope.install.browser_urls import RefLookup, from_browser_url
from scope.install.errors import BadRequestError
from scope.install.redact import redact

ARCHIVES = (".whl", ".tar.gz", ".zip")
GIT_SCHEMES = ("git+https", "git+http", "git+ssh", "git+file")

_NAMED_URL = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?)\s*@\s*(?P<url>(?:git\+)?[a-z]+://.+)")
_SCP = re.compile(r"(?P<user>[\w.-]+)@(?P<host>[\w.-]+):(?P<path>(?!/).+)")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


class Kind(StrEnum):
    """Where a plugin comes from."""

    NAME = "index"
    GIT = "git"
    FOLDER = "folder"
    FILE = "file"
    URL = "url"


@dataclass(frozen=True)
class Spec:
    """One thing that was asked for.

    `line` is what plugins.txt holds, `shown` the same without secrets, `requirement` what uv is given. `name` is the
    canonical name of the distribution where the text tells it, else empty.
    """

    kind: Kind
    line: str
    requirement: str
    name: str = ""
    url: str = ""
    ref: str = ""
    subdirectory: str = ""
    editable: bool = False

    @property
    def shown(self) -> str:
        """The line as it may be printed."""
        return redact(self.line)

    @property
    def path(self) -> Path | None:
        """The folder or file of this machine that is meant."""
        return Path(self.url) if self.kind in (Kind.FOLDER, Kind.FILE) else None


def parse(text: str, *, cwd: Path | None = None, editable: bool = False, refs: RefLookup | None = None) -> Spec:
    """Read one spec. `refs` lists the branches and tags of a repository; without it browser URLs are refused.

    A relative path is one of `cwd`, without it of the user's home folder.

    Raises:
        BadRequestError: the text is no spec; the message says why.
    """
    text = text.strip()
    if not text.isprintable():
        raise BadRequestError("A spec is one line of printable characters.")
    if text.startswith("-e "):
        text, editable = text[3:].strip(), True
    if not text or text.startswith("-"):
        raise BadRequestError(f'"{text}" is no requirement; a spec does not begin with "-".')
    spec = _parse(text, cwd or _home(), refs)
    return _editable(spec) if editable else spec


def _parse(text: str, cwd: Path, refs: RefLookup | None) -> Spec:
    named = _NAMED_URL.fullmatch(text)
    if named:
        found = _url(named["url"], refs)
        return replace(found, line=text, requirement=text, name=canonicalize_name(named["name"].split("[")[0]))
    scp = _SCP.fullmatch(text.removeprefix("git+"))
    if scp and not _DRIVE.match(text):
        return _git(f"git+ssh://{scp['user']}@{scp['host']}/{scp['path']}")
    if "://" in text and not _DRIVE.match(text):
        return _url(text, refs)
    if _looks_like_a_path(text):
        return _path(cwd, text)
    return _name(text)


def _url(text: str, refs: RefLookup | None) -> Spec:
    scheme, rest = text.split("://", 1)
    if scheme in GIT_SCHEMES:
        return _git(text)
    if scheme == "file":
        return _path(Path("/"), url2pathname(rest))
    if scheme not in ("http", "https"):
        raise BadRequestError(
            f'"{redact(text)}" has the unknown scheme {scheme!r}; known: https, git+https, git+ssh, file.'
        )
    _refuse_password(text)
    if _parts(text).path.lower().endswith(ARCHIVES):
        return Spec(Kind.URL, text, text, url=text)
    if refs is None:
        raise BadRequestError(f'"{redact(text)}" is the address of a page; write git+https://… for a repository.')
    return _git(from_browser_url(text, refs))


def _git(text: str) -> Spec:
    _refuse_password(text)
    parts = _parts(text.removeprefix("git+"))
    if not parts.path.strip("/"):
        raise BadRequestError(f'"{redact(text)}" names no repository.')
    path, _, ref = parts.path.rpartition("@") if "@" in parts.path else (parts.path, "", "")
    options = dict(pair.partition("=")[::2] for pair in parts.fragment.split("&") if pair)
    unknown = sorted(options.keys() - {"subdirectory", "egg"})
    if unknown:
        raise BadRequestError(f'"{redact(text)}" has the unknown option {unknown[0]!r}; known: subdirectory.')
    url = f"{parts.scheme}://{parts.netloc}{path}"
    return Spec(Kind.GIT, text, text, url=url, ref=ref, subdirectory=options.get("subdirectory", "").strip("/"))


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise BadRequestError(f'"{redact(url)}" is no URL ({error}).') from error


def _refuse_password(text: str) -> None:
    parts = _parts(text.removeprefix("git+"))
    secret = parts.password if parts.scheme == "ssh" else "@" in parts.netloc and parts.username != "git"
    if secret or parts.password:
        raise BadRequestError(
            "Leave the password out of the address: git's credential helper and ~/.netrc are asked, and plugins.txt can "
            "be read by others."
        )


def _looks_like_a_path(text: str) -> bool:
    requirement_like = text.split(";")[0]
    return (
        text.startswith((".", "~"))
        or "/" in requirement_like
        or "\\" in requirement_like
        or text.lower().endswith(ARCHIVES)
    )


def _path(cwd: Path, text: str) -> Spec:
    try:
        path = (cwd / Path(text).expanduser()).resolve()
    except (RuntimeError, OSError, ValueError) as error:
        raise BadRequestError(f'"{text}" is no path of this machine ({_first_line(error)}).') from error
    kind = Kind.FILE if path.name.lower().endswith(ARCHIVES) else Kind.FOLDER
    if "#" in str(path):
        raise BadRequestError(f"uv, which installs plugins, reads a path only up to a #; rename what {path} lies in.")
    return Spec(kind, str(path), path.as_uri(), url=str(path))


def _home() -> Path:
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is none


def _editable(spec: Spec) -> Spec:
    if spec.kind is not Kind.FOLDER:
        raise BadRequestError(f'Only a folder of this machine can be editable; "{spec.shown}" is none.')
    return replace(spec, line=f"-e {spec.line}", requirement=f"-e {spec.requirement}", editable=True)


def _name(text: str) -> Spec:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise BadRequestError(f'"{text}" is no requirement ({_first_line(error)}).') from error
    return Spec(Kind.NAME, text, text, name=canonicalize_name(requirement.name))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
