"""Which imports of a plugin are promised by the plugin API, and which reach into the insides of the original host.

Only the modules listed here are promised. All else below `scope` belongs to a host, this one's own rooms included: a
plugin that imports `scope.server` works with one version of one host at best.
"""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OFFERED = frozenset(
    {
        "scope.core",
        "scope.core.config",
        "scope.core.nodes",
        "scope.core.nodes.base",
        "scope.core.pipelines",
        "scope.core.pipelines.artifacts",
        "scope.core.pipelines.base_schema",
        "scope.core.pipelines.blending",
        "scope.core.pipelines.common_artifacts",
        "scope.core.pipelines.controller",
        "scope.core.pipelines.defaults",
        "scope.core.pipelines.enums",
        "scope.core.pipelines.interface",
        "scope.core.pipelines.process",
        "scope.core.pipelines.registry",
        "scope.core.pipelines.schema",
        "scope.core.pipelines.utils",
        "scope.core.plugins",
        "scope.core.plugins.hookspecs",
    }
)


@dataclass(frozen=True)
class Import:
    """One import statement that runs: the module, the name taken from it if any, and where it stands."""

    module: str
    name: str | None
    file: Path
    line: int

    @property
    def dotted(self) -> str:
        """`module.name`."""
        return f"{self.module}.{self.name}" if self.name else self.module

    @property
    def inside(self) -> bool:
        """Whether it reaches behind the plugin API into a host."""
        return self.module.split(".")[0] == "scope" and not _offered(self.module, self.name)


def imports_of(folder: Path) -> Iterator[Import]:
    """Absolute imports of a module file, or of every module below a folder.

    Those that only a type checker sees or that are guarded by try/except are left out.
    """
    for path in sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]:
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in _running(tree):
            yield from (Import(module, name, path, node.lineno) for module, name in _taken(node))


def insides_imported(package: str) -> list[str]:
    """Names that an installed package imports from behind the plugin API, each once; the package is not run."""
    spec = find_spec(package)
    places = [Path(p) for p in spec.submodule_search_locations or [spec.origin or ""] if p] if spec else []
    found = (imported.dotted for place in places for imported in imports_of(place) if imported.inside)
    return list(dict.fromkeys(found))


def inside_of(error: BaseException) -> str | None:
    """The name below `scope` that an import did not find, None for any other error."""
    if not isinstance(error, ImportError) or (error.name or "").split(".")[0] != "scope":
        return None
    taken = getattr(error, "name_from", None)
    return f"{error.name}.{taken}" if taken else error.name


def _offered(module: str, name: str | None) -> bool:
    if module not in OFFERED:
        return False
    return name in (None, "*") or f"{module}.{name}" in OFFERED or hasattr(importlib.import_module(module), name)


def _running(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        guarded = isinstance(child, ast.Try) or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test))
        if not guarded:
            if isinstance(child, ast.stmt):
                yield child
            yield from _running(child)


def _taken(node: ast.stmt) -> list[tuple[str, str | None]]:
    if isinstance(node, ast.Import):
        return [(alias.name, None) for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [(node.module, alias.name) for alias in node.names]
    return []
