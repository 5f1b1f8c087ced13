"""Plans what a wheel holds besides the files that hatchling finds: the private copy of the shared library."""

from collections.abc import Iterator
from pathlib import Path

from scope_release.errors import ReleaseError
from scope_release.rewrite import rewrite_imports

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
