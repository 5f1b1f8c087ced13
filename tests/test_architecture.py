"""Who may import whom. The same table stands in docs/architecture.md, in words."""

import ast
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scope_release.checkout import Package, workspace

ROOT = Path(__file__).parents[1]
API = {"scope.core"}

# A room and what it may import of this repository besides itself. The longest name that fits a module is its room.
MAY_IMPORT = {
    "scope.core": set(),
    "scope.runtime": API,
    "scope.media": API,
    "scope.install": API,
    "scope.models": API,
    "scope.control": API,
    # Of the installer the engine calls `activate` only, before it looks for plugins; of control, tempo and modulation.
    "scope.engine": API | {"scope.runtime", "scope.media", "scope.control", "scope.install"},
    "scope.server": API | {"scope.control", "scope.install", "scope.models", "scope.engine", "scope.media"},
    # A worker of a batch activates the installed plugins as an engine does, and writes down which model files it used.
    "scope.batch": API | {"scope.runtime", "scope.media", "scope.control", "scope.install", "scope.models"},
    "scope.bench": API | {"scope.runtime", "scope.media", "scope.control", "scope.engine", "scope.server"},
    "scope.cli": {"scope"},
    "scope_gpu": API,
    "scope_synth": API | {"scope_gpu"},
    "scope_fx": API | {"scope_gpu"},
    "scope_control": API | {"scope_gpu"},
    "scope_wan_vace": API | {"scope_gpu"},
    "scope_testkit": API | {"scope.runtime", "scope.cli", "scope.models", "scope.media"},
    "scope_release": set(),
}
OURS = (
    "scope",
    "scope_gpu",
    "scope_synth",
    "scope_fx",
    "scope_control",
    "scope_wan_vace",
    "scope_testkit",
    "scope_release",
)

# What must be imported quickly, or stay alive when torch does not.
WITHOUT_TORCH = ("scope.core", "scope.control", "scope.install", "scope.models", "scope.server")


def _modules() -> dict[str, Path]:
    sources = sorted(ROOT.glob("packages/*/src")) + sorted(ROOT.glob("shared/*/src"))
    return {_name(path.relative_to(source)): path for source in sources for path in source.rglob("*.py")}


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


MODULES = _modules()


def _room(module: str) -> str | None:
    fitting = [room for room in MAY_IMPORT if module == room or module.startswith(f"{room}.")]
    return max(fitting, key=len, default=None)


def _imports(path: Path, *, at_import_only: bool = False) -> Iterator[str]:
    """The modules that a file imports, in full; relative imports stay inside a room and are left out."""
    for node in _statements(ast.parse(path.read_text(encoding="utf-8")), at_import_only):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (_target(node.module, alias.name) for alias in node.names)


def _target(module: str, name: str) -> str:
    return f"{module}.{name}" if f"{module}.{name}" in MODULES else module


def _statements(tree: ast.AST, at_import_only: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        if at_import_only and (isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or _for_types_only(child)):
            continue
        yield child
        yield from _statements(child, at_import_only)


def _for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_stands_under_it(room):
    allowed = MAY_IMPORT[room] | {room}
    wrong = [
        f"{module} imports {target}"
        for module, path in MODULES.items()
        if _room(module) == room
        for target in _imports(path)
        if target.split(".")[0] in OURS and not any(target == a or target.startswith(f"{a}.") for a in allowed)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", WITHOUT_TORCH)
def test_a_light_room_imports_no_torch_when_it_is_imported(room):
    wrong = [
        module
        for module, path in MODULES.items()
        if _room(module) == room and "torch" in {name.split(".")[0] for name in _imports(path, at_import_only=True)}
    ]
    assert not wrong, f"these import torch at once: {', '.join(wrong)}"


def test_every_module_belongs_to_a_room():
    assert not [module for module in MODULES if _room(module) is None and module != "scope"]


PACKAGES = workspace(ROOT)
OUR_DISTRIBUTIONS = {package.import_name: package.name for package in PACKAGES}
DISTRIBUTIONS = metadata.packages_distributions()


def _declared(package: Package) -> set[str]:
    """The distributions that an environment of the package and its dev group holds: what it names, and so on."""
    texts = [*package.project.get("dependencies", []), *package.table.get("dependency-groups", {}).get("dev", [])]
    waiting, seen = [(Requirement(text), "") for text in texts], set()
    while waiting:
        wanted, extra = waiting.pop()
        name = canonicalize_name(wanted.name)
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        new = {(name, one) for one in ("", *wanted.extras)} - seen
        seen |= new
        waiting += [(Requirement(text), one) for name, one in new for text in _requires(name)]
    return {name for name, _ in seen}


def _requires(distribution: str) -> list[str]:
    """What an installed distribution asks for; a marker of another system may leave one out."""
    try:
        return metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return []


def _givers(module: str) -> Iterable[str]:
    """The distributions that hold a top-level module."""
    return {canonicalize_name(name) for name in DISTRIBUTIONS.get(module, [])} | {OUR_DISTRIBUTIONS.get(module, "")}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_package_and_its_tests_import_only_what_it_declares(package):
    files = [path for folder in (package.source, package.folder / "tests") for path in folder.rglob("*.py")]
    own = {package.import_name, *(path.stem for path in files), *(path.parent.name for path in files)}
    given = _declared(package) | ({"scope-gpu"} if package.is_plugin else set())  # which a wheel carries
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in {full.split(".")[0] for full in _imports(path, at_import_only=True)}
        if name not in own | sys.stdlib_module_names and not given & set(_givers(name))
    }
    assert not wrong, "\n".join(sorted(wrong))
