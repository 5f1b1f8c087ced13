"""Makes a new plugin a member of the workspace: two lines in the root pyproject.toml."""

import re
import tomllib
from pathlib import Path


class NoWorkspaceError(ValueError):
    """The folder is not inside this workspace."""


def workspace_root(start: Path) -> Path:
    """The nearest folder upwards that is a uv workspace with `packages/` and the shared GPU library.

    Raises:
        NoWorkspaceError: there is none.
    """
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file() and (folder / "shared" / "gpu").is_dir() and "workspace" in _uv(file):
            return folder
    raise NoWorkspaceError(f"expected to be inside the plugins' workspace for --here, {start} is not; use --standalone")


def _uv(file: Path) -> dict:
    return tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("uv", {})


def with_member(text: str, dist: str) -> str | None:
    """A root pyproject.toml with a further member in its dependencies and sources, each in alphabetical order.

    None where the text is not laid out as expected, so that nothing is changed by guess.
    """
    listed = _insert(text, r"^dependencies = \[\n((?:  \"[^\n]*\n)*)\]", f'  "{dist}",')
    joined = listed and _insert(
        listed, r"^\[tool\.uv\.sources\]\n((?:[\w-]+ = [^\n]*\n)*)", f"{dist} = {{ workspace = true }}"
    )
    return joined if joined and _has(joined, dist) else None


def _insert(text: str, block: str, line: str) -> str | None:
    match = re.search(block, text, re.MULTILINE)
    if match is None:
        return None
    lines = sorted({*match.group(1).splitlines(), line})
    return text[: match.start(1)] + "".join(f"{each}\n" for each in lines) + text[match.end(1) :]


def _has(text: str, dist: str) -> bool:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return dist in data["project"]["dependencies"] and data["tool"]["uv"]["sources"].get(dist) == {"workspace": True}
