"""What a package imports, read from its source without running it."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from scope_testkit.findings import Place
from scope_testkit.source import module_relative

# The module that the reference text and hosts give to plugins, and what lies below it.
API = (
    "scope.core.config",
    "scope.core.hookimpl",
    "scope.core.pipelines.artifacts",
    "scope.core.pipelines.base_schema",
    "scope.core.pipelines.common_artifacts",
    "scope.core.pipelines.defaults",
    "scope.core.pipelines.enums",
    "scope.core.pipelines.interface",
    "scope.core.pipelines.schema",
    "scope.core.plugins",
)
HOSTS = frozenset({"scope-host", "daydream-scope"})


@dataclass(frozen=True)
class Import:
    """One import statement that runs: `module` with its dots, and where it stands."""

    module: str
    place: Place

    @property
    def top(self) -> str:
        return self.module.split(".")[0]


def imports_of(folder: Path) -> Iterator[Import]:
    """Absolute imports of every module below a folder, without those that a type checker alone sees or that are guarded
    by try/except."""
    for path in sorted(folder.rglob("*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in _running(tree):
            place = Place(module_relative(str(path)), getattr(node, "lineno", None))
            yield from (Import(module, place) for module in _modules(node))


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        guarded = isinstance(child, ast.Try) or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test))
        if not guarded:
            yield child
            yield from _running(child)


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [
            f"{node.module}.{alias.name}" if node.module.startswith("scope") else node.module for alias in node.names
        ]
    return []


def in_api(module: str) -> bool:
    """Whether an import of the host is one that the plugin API promises."""
    return any(module == known or module.startswith(f"{known}.") for known in API)


def required(distribution: metadata.Distribution) -> dict[str, Requirement]:
    """The unconditional requirements of a distribution by canonical name; those of extras are left out."""
    found = {}
    for line in distribution.requires or []:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if requirement.marker is None or "extra" not in str(requirement.marker):
            found[canonicalize_name(requirement.name)] = requirement
    return found


def closure(names: set[str]) -> set[str]:
    """Distributions with everything that they require in turn, as far as installed here."""
    seen: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= set(_required_by(name)) - seen
    return seen


def provided() -> set[str]:
    """Canonical names of the distributions that a host brings."""
    return closure({"scope-host"}) - HOSTS


def _required_by(name: str) -> dict[str, Requirement]:
    try:
        return required(metadata.distribution(name))
    except metadata.PackageNotFoundError:
        return {}


class Providers:
    """Who gives the modules that a package may import: Python, itself, a host, and what it declares."""

    def __init__(self, own: set[str], declared: set[str]) -> None:
        self._free = own | {"scope"} | sys.stdlib_module_names
        self._trusted = provided() | closure(declared)
        self._givers = metadata.packages_distributions()

    def lacks(self, module: str) -> bool:
        """Whether nobody gives the top-level module."""
        givers = {canonicalize_name(name) for name in self._givers.get(module, [module])}
        return module not in self._free and not givers & self._trusted
