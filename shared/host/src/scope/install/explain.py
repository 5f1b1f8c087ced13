"""From the words of uv and git to one sentence about what to do. The words themselves are in the log."""

import difflib
import errno
import os
import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from scope.install.browser_urls import RefLookup
from scope.install.errors import InstallError
from scope.install.host import SELF, Host
from scope.install.redact import redact

ORIGINAL_HOST = "daydream-scope"

_NAME = r"[A-Za-z0-9][\w.-]*(?:\[[\w,-]*\])?"
_RANGE = r"[=<>!~][\w.*+!<>=|, ]*?"
_DEPENDS = re.compile(
    rf"(?:all versions of )?(?P<who>{_NAME}(?:{_RANGE})?) depends? on (?P<name>{_NAME})(?P<range>{_RANGE})?"
    r"(?=,? we can| and |$|, )"
)
_NOT_FOUND = re.compile(rf"(?P<name>{_NAME}) was not found in the (?:package registry|cache)")
_NO_VERSION = re.compile(rf"there is no version of (?P<name>{_NAME})(?P<range>[=<>!~][\w.*+!<>=,]*)")
_ONLY = re.compile(rf"only (?P<name>{_NAME})(?P<range>[=<>!~][\w.*+!<>=,]*) is available")
_REQUIRE = re.compile(rf"you require (?P<name>{_NAME})(?P<range>[=<>!~][\w.*+!<>=,]*)?")
_CONFLICT = re.compile(r"conflicting URLs for package `(?P<name>[^`]+)`:? *(?P<urls>(?:- \S+ ?)*)")
_OWNER = re.compile(r"dependencies for package `(?P<name>[^`=]+)==(?P<version>[^`]+)`")
_FETCH = re.compile(r"git fetch (?:--?[\w-]+ )*'?(?P<url>[a-z+]+://[^'\s]+)'?")
_NO_REF = re.compile(r"failed to (?:fetch|find) (?:branch|tag|commit|ref|or|,| )+ `(?P<ref>[^`]+)`")
_NO_FOLDER = re.compile(r"`(?P<url>[^`]+)` has no subdirectory `(?P<folder>[^`]+)`")
_NO_PROJECT = re.compile(r"(?P<what>\S+) does not appear to be a Python project")
_LOGIN = (
    "Authentication failed",
    "could not read Username",
    "Permission denied (publickey",
    "terminal prompts disabled",
)
_UNREACHED = (
    "dns error",
    "Could not resolve host",
    "Failed to connect",
    "Connection refused",
    "tcp connect error",
    "timed out",
    "too slow",
    "network was disabled",
    "Network connectivity is disabled",
    "error sending request",
    "Operation too slow",
)
_ADDRESS = re.compile(r"(?P<url>(?:https?|ssh)://[^\s'`)\"]+)")
_STATUS = re.compile(r"HTTP status (?:client|server) error \((?P<status>\d+)[^)]*\) for url \((?P<url>[^)]+)\)")
_DAMAGED = re.compile(r"(?:extract archive|read from zip file)[^`]*?(?P<file>[\w.+-]+\.(?:whl|zip|tar\.gz))")
_PLATFORM_FILE = re.compile(r"\((?P<file>[^()]+\.whl)\) dependency is incompatible")
_PLATFORM = re.compile(
    r"is compatible with (?P<theirs>[\w ]+ \(`[^`]+`\)|[^,]+), but you're (?:on|using) (?P<ours>[\w ]+ \(`[^`]+`\)|[\w. ]+)"
)
_NO_WHEEL = re.compile(rf"(?P<name>{_NAME})==(?P<version>\S+) has no (?:usable )?wheels")
_WHEELS_FOR = re.compile(r"on the following platforms?: (?P<theirs>(?:`[^`]+`(?:, )?)+)")
_PYTHON = re.compile(rf"(?P<name>{_NAME})==(?P<version>\S+) depends on Python(?P<range>[=<>!~][\w.*,<>=]*)")
_BUILD = re.compile(r"Failed to build `(?P<name>[^` ]+)(?: @ [^`]+)?`")
_OS_CODES = {28: errno.ENOSPC, 30: errno.EROFS, 13: errno.EACCES}
_OS_CODE = re.compile(r"\(os error (?P<code>28|30|13)\)")


def sentence(output: str, host: Host, place: str, refs: RefLookup | None = None) -> str:
    """What went wrong, from what the tool wrote to stderr. `place` is the plugins folder; `refs` finds similar tags."""
    flat = " ".join(redact(output).replace("cause: ", "").split())
    code = _OS_CODE.search(flat)
    if code:
        return os_sentence(_OS_CODES[int(code["code"])], place)
    rules: Iterable[Callable[[], str | None]] = (
        lambda: _built(output),
        lambda: _resolved(flat, host),
        lambda: _git(flat, refs),
        lambda: _downloaded(flat),
        lambda: _platform(flat),
    )
    return next((found for rule in rules if (found := rule())), _last_cause(output))


def os_sentence(code: int | None, place: str) -> str:
    """What the operating system's refusal to write means; `code` is the `errno` of an OSError."""
    if code in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full at {place}; make room there, then try again."
    if code in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{place} cannot be written: it is read-only, or belongs to somebody else."
    reason = os.strerror(code).lower() if code else "the system gave no reason"
    return f"{place} cannot be used: {reason}."


def _resolved(flat: str, host: Host) -> str | None:
    if "No solution found" not in flat and "conflicting URLs" not in flat:
        return None
    return (
        _lists_the_host(flat) or _host_conflict(flat, host) or _own_copy(flat, host) or _two_want(flat) or _absent(flat)
    )


def _lists_the_host(flat: str) -> str | None:
    for match in _DEPENDS.finditer(flat):
        if match["name"] in (ORIGINAL_HOST, SELF):
            return f"{_plain(match['who'])} lists {match['name']} as a dependency; a plugin must not (a host provides itself)."
    return None


def _host_conflict(flat: str, host: Host) -> str | None:
    for match in _DEPENDS.finditer(flat):
        provided = host.distributions.get(match["name"].split("[")[0])
        if provided is not None and match["range"]:
            return (
                f"{_plain(match['who'])} needs {match['name']}{match['range'].strip()}, but this host has "
                f"{provided.name} {provided.version}. Ask its author for a version that allows it."
            )
    required = _REQUIRE.search(flat)
    provided = host.distributions.get(required["name"]) if required else None
    if required is None or provided is None:
        return None
    return f"{provided.name} is part of the host, as {provided.version}; it cannot be installed as a plugin."


def _own_copy(flat: str, host: Host) -> str | None:
    conflict, owner = _CONFLICT.search(flat), _OWNER.search(flat)
    if conflict is None:
        return None
    provided = host.distributions.get(conflict["name"])
    urls = conflict["urls"].replace("- ", "").split()
    if provided is None:
        return f"{conflict['name']} is asked for from several places: {', '.join(urls)}."
    who = f"{owner['name']} {owner['version']}" if owner else "A plugin"
    foreign = next((url for url in urls if not url.startswith("file:")), urls[0] if urls else "a URL")
    return f"{who} brings its own {provided.name} ({foreign}), which the host provides as {provided.version}."


def _two_want(flat: str) -> str | None:
    wanted: dict[str, dict[str, str]] = {}
    for match in _DEPENDS.finditer(flat):
        wanted.setdefault(match["name"], {}).setdefault(
            _plain(match["who"]), f"{match['name']}{match['range'] or ''}".strip()
        )
    for sides in wanted.values():
        if len(sides) > 1:
            needs = " and ".join(f"{who} needs {what}" for who, what in list(sides.items())[:2])
            return f"{needs}: they cannot be installed together."
    return None


def _absent(flat: str) -> str | None:
    python = _PYTHON.search(flat)
    if python:
        return f"{python['name']} {python['version']} needs Python {python['range'].strip(',')}, which this is not."
    wheel, platforms = _NO_WHEEL.search(flat), _WHEELS_FOR.search(flat)
    if wheel and platforms:
        return (
            f"{wheel['name']} {wheel['version']} is for {_platform_name(platforms['theirs'])} only, which this is not."
        )
    missing = _NOT_FOUND.search(flat)
    if missing and "network was disabled" in flat:
        return f"{missing['name']} is not in uv's cache, and the network is switched off (UV_OFFLINE)."
    if missing:
        by = next((_plain(m["who"]) for m in _DEPENDS.finditer(flat) if m["name"] == missing["name"]), "")
        return f"No package is called {missing['name']} on the package index{f'; {by} depends on it' if by else ''}."
    only, required = _ONLY.search(flat), _REQUIRE.search(flat)
    if only and required and only["name"] == required["name"]:
        asked = f"{required['name']}{required['range'] or ''}".rstrip(",")
        return f"There is no {asked} on the package index, only {only['name']}{only['range']}."
    for match in _DEPENDS.finditer(flat):
        if only and only["name"] == match["name"] and match["range"]:
            needs = f"{_plain(match['who'])} needs {match['name']}{match['range'].strip()}"
            return f"{needs}; the package index has only {only['name']}{only['range']}."
    version = _NO_VERSION.search(flat)
    return f"There is no {version['name']}{version['range']} on the package index." if version else None


def _git(flat: str, refs: RefLookup | None) -> str | None:
    folder = _NO_FOLDER.search(flat)
    if folder:
        return f"{_repository(folder['url'])} has no folder {folder['folder']}."
    project = _NO_PROJECT.search(flat)
    if project:
        cached = "git-v2" in project["what"]
        what = "The repository" if cached else _repository(project["what"])
        return (
            f"{what} is no Python project: it has neither a pyproject.toml nor a setup.py. If the plugin is in a folder "
            "of it, give the address of that folder's page, or add #subdirectory=FOLDER."
        )
    fetch = _FETCH.search(flat)
    if fetch is None:
        return None
    return _repository_failed(flat, fetch["url"], refs)


def unread(url: str, output: str) -> str:
    """Why `git ls-remote URL` failed, from what it wrote to stderr."""
    flat = " ".join(redact(output).split())
    return _repository_failed(flat, redact(url), None) or f"{redact(url)} could not be read: {_last_cause(output)}."


def _repository_failed(flat: str, url: str, refs: RefLookup | None) -> str | None:
    if any(text in flat for text in _LOGIN):
        return f"{url} wants a login that git does not have; sign in with git once, then try again."
    missing = _NO_REF.search(flat)
    if missing:
        return f'{url} has no branch, tag or commit "{missing["ref"]}".{_similar(url, missing["ref"], refs)}'
    if "not found" in flat or "does not appear to be a git repository" in flat:
        return f"There is no Git repository at {url}, or it wants a login."
    return _unreached(flat, url)


def _similar(url: str, ref: str, refs: RefLookup | None) -> str:
    try:
        names = refs(url).names if refs else []
    except InstallError:
        return ""
    near = difflib.get_close_matches(ref, names, n=3, cutoff=0.4) or sorted(names)[-3:]
    return f" It has {', '.join(near)}." if near else ""


def _downloaded(flat: str) -> str | None:
    status = _STATUS.search(flat)
    if status and status["status"] == "404":
        return f"{status['url']} was not found (404)."
    if status:
        return f"{status['url']} was refused by its server (HTTP {status['status']})."
    damaged = _DAMAGED.search(flat)
    if damaged:
        return f"{damaged['file']} is damaged: not a complete {'wheel' if damaged['file'].endswith('.whl') else 'archive'}."
    address = _ADDRESS.search(flat)
    return _unreached(flat, address["url"] if address else "")


def _unreached(flat: str, url: str) -> str | None:
    if not any(text in flat for text in _UNREACHED):
        return None
    place = urlsplit(url).netloc.rpartition("@")[2] or "The source"
    return f"{place} could not be reached (no network, or it did not answer in 30 s)."


def _platform(flat: str) -> str | None:
    file, platforms = _PLATFORM_FILE.search(flat), _PLATFORM.search(flat)
    if file and platforms:
        name = file["file"].rpartition("/")[2]
        return f"{name} is for {_platform_name(platforms['theirs'])}; this is {_platform_name(platforms['ours'])}."
    return None


def _platform_name(text: str) -> str:
    return text.replace("`", "").strip()


def _built(output: str) -> str | None:
    build = _BUILD.search(output)
    if build is None:
        return None
    _, marker, errors = output.partition("[stderr]")
    lines = [line.strip() for line in errors.split("\nhint:")[0].splitlines() if line.strip()]
    reason = lines[-1] if marker and lines else _last_cause(output)
    return f"{build['name']} could not be built: {redact(reason).rstrip('.')}."


def _last_cause(output: str) -> str:
    """The innermost cause, in the tool's own words."""
    told = redact(output).split("\nhint:")[0].rpartition("cause: ")[2].split()
    return " ".join(told).removeprefix("error: ") or "uv gave up without a word."


def _repository(text: str) -> str:
    return text.strip("`").removeprefix("git+").split("#")[0]


def _plain(who: str) -> str:
    return who.replace("==", " ").strip()
