"""Reads and releases a changelog in the form of Keep a Changelog (https://keepachangelog.com)."""

import re
from dataclasses import dataclass
from datetime import date

from scope_release.checkout import ReleaseError

HEADING = re.compile(r"^## \[(?P<title>[^\]]+)\](?: - (?P<date>\S+))?[ \t]*$", re.MULTILINE)
UNRELEASED = "Unreleased"


@dataclass(frozen=True)
class Section:
    """One `## [title] - date` section; `body` is what stands under it, without surrounding blank lines."""

    title: str
    date: str | None
    body: str

    @property
    def is_empty(self) -> bool:
        """True without a line of text: subheadings such as `### Added` say nothing by themselves."""
        lines = (line.strip() for line in self.body.splitlines())
        return not any(line and not line.startswith("#") for line in lines)


def sections(text: str) -> list[Section]:
    """The sections in the order of the file. Link definitions (`[0.1.0]: https://…`) belong to none."""
    text = re.sub(r"^\[[^\]]+\]:.*$", "", text, flags=re.MULTILINE)
    headings = list(HEADING.finditer(text))
    starts = [*(heading.start() for heading in headings), len(text)]
    bodies = (text[h.end() : end].strip() for h, end in zip(headings, starts[1:], strict=True))
    return [Section(h["title"], h["date"], body) for h, body in zip(headings, bodies, strict=True)]


def section(text: str, version: str, name: str) -> Section:
    """The dated, non-empty section of `version`.

    Raises:
        ReleaseError: it is missing, undated or empty; `name` is the package that the sentence names.
    """
    found = next((s for s in sections(text) if s.title == version), None)
    if found is None:
        raise ReleaseError(f"{name}: CHANGELOG.md has no section '## [{version}] - YYYY-MM-DD'.")
    if not _is_date(found.date):
        raise ReleaseError(f"{name}: CHANGELOG.md must date its section [{version}] as YYYY-MM-DD, not {found.date!r}.")
    if found.is_empty:
        raise ReleaseError(f"{name}: the section [{version}] of CHANGELOG.md is empty; say what changed.")
    return found


def release(text: str, version: str, day: date, name: str) -> str:
    """The changelog with what was unreleased under `version` and `day`, below a new empty Unreleased section.

    Raises:
        ReleaseError: there is no Unreleased section, it says nothing, or `version` has a section already.
    """
    known = {s.title: s for s in sections(text)}
    if UNRELEASED not in known:
        raise ReleaseError(f"{name}: CHANGELOG.md has no section '## [Unreleased]'.")
    if known[UNRELEASED].is_empty:
        raise ReleaseError(f"{name}: the section [Unreleased] of CHANGELOG.md is empty; say what changes first.")
    if version in known:
        raise ReleaseError(f"{name}: CHANGELOG.md has a section [{version}] already.")
    heading = next(h for h in HEADING.finditer(text) if h["title"] == UNRELEASED)
    return f"{text[: heading.start()]}## [{UNRELEASED}]\n\n## [{version}] - {day.isoformat()}{text[heading.end() :]}"


def _is_date(text: str | None) -> bool:
    try:
        return text is not None and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
