"""Where in a plugin's source something stands."""

import ast
import functools
import inspect
import sys
import textwrap
import traceback
from pathlib import Path

from scope_testkit.findings import Place


def class_place(cls: type, field: str | None = None) -> Place:
    """Where a class begins, or where it (or the base that declares it) has an annotated field."""
    owner = next((c for c in cls.__mro__ if field in inspect.get_annotations(c)), cls)
    try:
        file, (lines, start) = inspect.getsourcefile(owner), inspect.getsourcelines(owner)
    except (OSError, TypeError):
        return Place(field=field)
    offset = _annotated("".join(lines)).get(field, 0) if field else 0
    return Place(module_relative(file or ""), start + offset, field)


def raised_at(error: BaseException | None, package: str) -> Place | None:
    """The innermost line of a traceback that lies in a package, or in a module of that name."""
    for frame in reversed(traceback.extract_tb(error.__traceback__) if error else []):
        relative = module_relative(frame.filename)
        if Path(relative).parts and Path(relative).parts[0].removesuffix(".py") == package:
            return Place(relative, frame.lineno)
    return None


def module_relative(file: str) -> str:
    """A file's path below the folder it is imported from (`scope_fx/schema.py`), its bare name for any other file."""
    path = Path(file)
    roots = [Path(entry) for entry in sys.path if entry and path.is_relative_to(entry)]
    return path.relative_to(max(roots, key=lambda root: len(root.parts))).as_posix() if roots else path.name


@functools.cache
def _annotated(source: str) -> dict[str, int]:
    """Annotated names of a class body with their line, counted from 0."""
    try:
        body = ast.parse(textwrap.dedent(source))
    except SyntaxError:
        return {}
    nodes = (node for node in ast.walk(body) if isinstance(node, ast.AnnAssign))
    return {node.target.id: node.lineno - 1 for node in nodes if isinstance(node.target, ast.Name)}
