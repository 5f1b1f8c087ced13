"""What `plugins.txt` means: a spec for each line that is one, a sentence for each that is not."""

from dataclasses import dataclass

from scope.install.errors import BadRequestError
from scope.install.plugins_txt import FILE_NAME, contents
from scope.install.redact import redact
from scope.install.specs import Spec, parse


@dataclass(frozen=True)
class Line:
    """A spec and the number of its line, from 1."""

    number: int
    spec: Spec


@dataclass(frozen=True)
class Manifest:
    """The whole text, the specs in it, and one sentence for each line that is no spec."""

    text: str
    lines: tuple[Line, ...]
    damaged: tuple[str, ...]


def read(text: str) -> Manifest:
    """Find the specs; a line that does not parse is named and skipped. A spec is written in full: no browser URLs."""
    lines, damaged = [], []
    for number, content in contents(text):
        try:
            lines.append(Line(number, parse(content)))
        except BadRequestError as error:
            damaged.append(f"{FILE_NAME}, line {number}: {redact(str(error)).rstrip('.')}; skipped.")
    return Manifest(text, tuple(lines), tuple(damaged))
