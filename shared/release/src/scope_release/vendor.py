"""What a distribution holds besides the package: the shared library as a private copy, and all imports pointed at it.

Only the words of import statements change: line numbers, comments and formatting stay, so that tracebacks from a wheel
show the lines of the source tree. In a checkout a plugin reaches the shared folders through `../../shared/`; in its
source distribution they lie under `shared/` of the package itself, and pyproject.toml says so.
"""

import ast
import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from scope_release.checkout import ReleaseError

FOLDER = "_vendor"
MARKER = b'"""Private copies of libraries, put here when the wheel was built."""\n'


def wheel_files(package: Path, library: Path) -> dict[str, bytes]:
    """Path in the wheel → content, for every file that differs from the source tree or is not in it.

    `package` and `library` are the folders of the two import packages (`…/src/scope_fx`, `…/src/scope_gpu`).

    Raises:
        ReleaseError: a file cannot be rewritten, the library is missing, or the package has a `_vendor` of its own.
    """
    if not (library / "__init__.py").is_file():
        raise ReleaseError(f"{package.name}: the shared library is not at {library}; build from a whole checkout.")
    if (package / FOLDER).exists():
        raise ReleaseError(f"{package.name}: {package / FOLDER} exists, but that folder is made by the build; move it.")
    target = f"{package.name}.{FOLDER}.{library.name}"
    files = dict(_rewritten(package, library.name, target))
    files[f"{package.name}/{FOLDER}/__init__.py"] = MARKER
    return files | dict(_copied(library, target))


def library_files(library: Path) -> list[Path]:
    """Every file of the library in a fixed order, without caches and hidden files."""
    return [path for path in sorted(library.rglob("*")) if path.is_file() and _is_source(path.relative_to(library))]


def _is_source(path: Path) -> bool:
    return not any(part == "__pycache__" or part.startswith(".") for part in path.parts)


def _rewritten(package: Path, library: str, target: str) -> Iterator[tuple[str, bytes]]:
    for path in library_files(package):
        before = path.read_bytes()
        after = _for_wheel(path, before, library, target, package)
        if after != before:
            yield f"{package.name}/{path.relative_to(package).as_posix()}", after


def _copied(library: Path, target: str) -> Iterator[tuple[str, bytes]]:
    folder = target.replace(".", "/")
    for path in library_files(library):
        content = _for_wheel(path, path.read_bytes(), library.name, target, library)
        yield f"{folder}/{path.relative_to(library).as_posix()}", content


def _for_wheel(path: Path, content: bytes, library: str, target: str, package: Path) -> bytes:
    if path.suffix not in {".py", ".pyi"}:
        return content
    shown = path.relative_to(package.parent).as_posix()
    return rewrite_imports(content, library, target, shown)


ABOVE, INSIDE = '"../../shared/', '"shared/'
CARRIED = ("gpu/src/scope_gpu", "release/src/scope_release")
HOOK = "release/hatch_build.py"


def sdist_files(package: Path, shared: Path) -> dict[str, bytes]:
    """Path in the source distribution → content, for the files from outside the package and the adapted pyproject."""
    pyproject = (package / "pyproject.toml").read_text(encoding="utf-8")
    files = {"pyproject.toml": pyproject.replace(ABOVE, INSIDE).encode()}
    for path in (shared / HOOK, *(file for folder in CARRIED for file in library_files(shared / folder))):
        files[f"shared/{path.relative_to(shared).as_posix()}"] = path.read_bytes()
    return files


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
