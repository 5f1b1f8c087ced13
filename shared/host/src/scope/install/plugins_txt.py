"""The text of `plugins.txt`, without its meaning (see `manifest`). Standard library only."""

import hashlib
from pathlib import Path

FILE_NAME = "plugins.txt"


def read_text(path: Path) -> str:
    """The file's text, empty if there is none; a byte order mark is dropped and line ends are made `\\n`."""
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n")
    except (FileNotFoundError, NotADirectoryError):
        return ""


def digest(text: str) -> str:
    """SHA-256 of the text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def contents(text: str) -> list[tuple[int, str]]:
    """The lines that hold something, with their numbers from 1, without comments."""
    stripped = ((number, _without_comment(raw)) for number, raw in enumerate(text.split("\n"), start=1))
    return [(number, content) for number, content in stripped if content]


def wanted(text: str) -> list[str]:
    """The specs as written: two texts that agree on these want the same plugins."""
    return [content for _, content in contents(text)]


def edited(text: str, *, remove: set[int], add: list[str]) -> str:
    """The text without the lines of the given numbers and with new lines at its end; everything else stays."""
    kept = [raw for number, raw in enumerate(text.split("\n"), start=1) if number not in remove]
    while kept and not kept[-1].strip():
        kept.pop()
    return "".join(f"{line}\n" for line in [*kept, *add])


def _without_comment(raw: str) -> str:
    content = raw.strip()
    return "" if content.startswith("#") else content.split(" #", 1)[0].strip()
