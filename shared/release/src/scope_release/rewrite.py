"""Rewrites absolute imports of one library so that they find a private copy of it.

Only the words of the import statements change: line numbers, comments and formatting stay, so that tracebacks from a
wheel show the lines of the source tree.
"""

import ast
import codecs
import re
from collections.abc import Iterator

from scope_release.errors import ReleaseError

type Edit = tuple[int, int, bytes]
"""Start, end and replacement, in UTF-8 bytes of the file."""


def rewrite_imports(source: bytes, library: str, target: str, path: str) -> bytes:
    """`source` with every import of `library` pointed at `target` (such as `scope_fx._vendor.scope_gpu`).

    Follows `import`, `import … as`, `import a.b`, `from … import` at any depth. `path` is how errors name the file.

    Raises:
        ReleaseError: the file is not valid Python in UTF-8, or names the library in a string, where no rewriting can
            follow (`importlib.import_module("scope_gpu.color")`).
    """
    source = source.removeprefix(codecs.BOM_UTF8)
    tree = _parse(source, path)
    _refuse_strings(tree, library, path)
    starts = _line_starts(source)
    for start, end, words in sorted(_edits(tree, source, starts, library, target), reverse=True):
        source = source[:start] + words + source[end:]
    return source


def _parse(source: bytes, path: str) -> ast.Module:
    try:
        return ast.parse(source.decode("utf-8"))
    except SyntaxError as error:
        raise ReleaseError(f"{path}:{error.lineno}: this is not valid Python ({error.msg}).") from error
    except ValueError as error:
        raise ReleaseError(f"{path}:1: this is not a Python file in UTF-8 ({error}).") from error


def _line_starts(source: bytes) -> list[int]:
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _edits(tree: ast.Module, source: bytes, starts: list[int], library: str, target: str) -> Iterator[Edit]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and _inside(node.module or "", library):
            yield _edit_from(source, starts[node.lineno - 1] + node.col_offset, library, target)
        elif isinstance(node, ast.Import):
            yield from (_edit_alias(a, starts, library, target) for a in node.names if _inside(a.name, library))


def _inside(module: str, library: str) -> bool:
    return module == library or module.startswith(f"{library}.")


def _edit_from(source: bytes, start: int, library: str, target: str) -> Edit:
    head = re.compile(rb"from(?:\s|\\)+").match(source, start)
    assert head is not None, "a `from` statement starts with its keyword"
    return head.end(), head.end() + len(library), target.encode()


def _edit_alias(alias: ast.alias, starts: list[int], library: str, target: str) -> Edit:
    start = starts[alias.lineno - 1] + alias.col_offset
    if alias.asname is not None:
        return start, start + len(library), target.encode()
    end = starts[(alias.end_lineno or alias.lineno) - 1] + (alias.end_col_offset or 0)
    return start, end, _bind_head(alias.name, library, target).encode()


def _bind_head(name: str, library: str, target: str) -> str:
    """`import a.b` loads `a.b` and binds `a`: the same in two aliases, as the copy's head has another name."""
    head = f"{target} as {library}"
    if name == library:
        return head
    return f"{target}{name.removeprefix(library)} as _{name.replace('.', '_')}, {head}"


def _refuse_strings(tree: ast.Module, library: str, path: str) -> None:
    names_it = re.compile(rf"{library}([.:]\S*)?|(?s:.*)\b(import|from)\s+{library}\b(?s:.*)")
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in bare:
            continue
        if names_it.fullmatch(node.value):
            raise ReleaseError(_cannot_follow(f"{path}:{node.lineno}", node.value, library))


def _cannot_follow(where: str, value: str, library: str) -> str:
    return (
        f"{where}: the string {value!r} names {library}, and a wheel carries that library under "
        f"another name, so write an import statement (or __name__) that the build can rewrite."
    )
