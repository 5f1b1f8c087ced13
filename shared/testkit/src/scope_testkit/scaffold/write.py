"""Writes a new plugin, whole or not at all."""

import importlib.util
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from string import Template

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope_testkit import readme
from scope_testkit.scaffold.kinds import Kind, Place, files_of
from scope_testkit.scaffold.names import Names

_IMPORT = re.compile(r"(?:from|import) ([\w.]+)")


class ExistsError(FileExistsError):
    """Something of that name is there already."""


def write_plugin(folder: Path, names: Names, kind: Kind, place: Place) -> list[Path]:
    """Write every file of a new plugin into a folder that does not exist yet, and return their paths.

    Raises:
        ExistsError: the folder, or a file of that name, exists.
    """
    if folder.exists():
        raise ExistsError(f"{folder} exists already, and nothing is ever overwritten; choose another name or folder")
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch, folder.name)
        texts = render(names, kind, place)
        for path, text in texts.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text, encoding="utf-8", newline="\n")
        readme.update(made / "README.md", [_config(made, names)])
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(made, folder)
    return [folder / path for path in texts]


def render(names: Names, kind: Kind, place: Place) -> dict[str, str]:
    """The texts of all files by their relative paths."""
    values = _values(names, kind, place)
    texts = {}
    for path, template in files_of(kind, place).items():
        source = resources.files(__package__).joinpath("templates", f"{template}.tmpl").read_text(encoding="utf-8")
        target = Template(path).substitute(values)
        text = Template(source).substitute(values)
        texts[target] = _with_sorted_imports(text, _first_party(names, place)) if target.endswith(".py") else text
    return texts


def _values(names: Names, kind: Kind, place: Place) -> dict[str, str]:
    fields = [f"{names.field}_{argument}" for argument in kind.arguments]
    return {
        **vars(names),
        "summary": kind.summary,
        "effect": kind.function,
        "arguments": "\n".join(f'            values["{field}"],' for field in fields),
        "attributes": "\n".join(f"            params.{field}," for field in fields),
        "usage_import": "UsageType, " if kind.usage else "",
        "usage_line": f"    usage = [UsageType.{kind.usage}]\n" if kind.usage else "",
        # What one check may cost: fewer calls for a model on a CPU.
        "budget": "    seconds = 5.0\n" if kind.flow == "model" else "",
        "input": "--input testpattern " if kind.takes_video else "",
        "holder": f"the authors of {names.dist}" if place == "standalone" else "The Scope plugin authors",
        "year": str(datetime.now(UTC).year),
    }


def _first_party(names: Names, place: Place) -> set[str]:
    """Top-level modules that ruff sorts last: the plugin's own, and in the workspace all of its packages."""
    return {names.package} | ({"scope", "scope_gpu", "scope_testkit"} if place == "here" else set())


def _with_sorted_imports(text: str, first_party: set[str]) -> str:
    """The import lines after the docstring in ruff's order: standard library, others, one's own."""
    lines = text.split("\n")
    found = [index for index, line in enumerate(lines) if _IMPORT.match(line)]
    if not found:
        return text
    begin, end = found[0], found[-1] + 1
    sections: list[list[str]] = [[], [], []]
    for line in (lines[index] for index in found):
        sections[_section(line, first_party)].append(line)
    block = "\n\n".join("\n".join(_ordered(section)) for section in sections if section)
    return "\n".join([*lines[:begin], block, *lines[end:]])


def _section(line: str, first_party: set[str]) -> int:
    top = _module(line).split(".")[0]
    return 0 if top in sys.stdlib_module_names else 2 if top in first_party else 1


def _ordered(lines: Iterable[str]) -> list[str]:
    return sorted(lines, key=lambda line: (line.startswith("from "), _module(line)))


def _module(line: str) -> str:
    match = _IMPORT.match(line)
    assert match is not None
    return match.group(1)


def _config(folder: Path, names: Names) -> type[BasePipelineConfig]:
    """The new plugin's config class; its module needs nothing but the plugin API."""
    file = folder / "src" / names.package / "schema.py"
    spec = importlib.util.spec_from_file_location(f"_new_{names.field}_schema", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Written folders hold no bytecode.
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
        del sys.modules[spec.name]
    return getattr(module, f"{names.prefix}Config")
