"""Packaging: metadata, entry point, hook, and what the wheel brings along."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata, util
from pathlib import Path

from scope.core.pipelines.interface import Pipeline
from scope.core.pipelines.registry import PipelineRegistry, Registry
from scope.core.plugins.insides import imports_of, inside_of
from scope.core.plugins.loading import Problem, load_entry_point
from scope_testkit.findings import Finding, Place
from scope_testkit.providers import HOSTS, Providers, closure, provided, required
from scope_testkit.source import module_relative, raised_at

GROUP = "scope"
PYTHON = "3.12"
# Ids of plugins and built-in pipelines that are out in the world.
TAKEN_IDS = frozenset({"invert", "gray", "vfx-pack", "kaleido-scope"})
# Top-level names that every distribution must leave alone.
COMMON_NAMES = frozenset({"scope", "tests", "test", "docs", "doc", "examples", "scripts", "src"})

_CODES = {
    "import": "P003",
    "insides": "P018",
    "missing": "P004",
    "signature": "P005",
    "raised": "P006",
    "empty": "P007",
    "unusable": "P008",
    "taken": "P010",
}


@dataclass
class Registered:
    """What an entry point gave: usable pipelines, the names of its nodes, and what is wrong with it."""

    pipelines: list[type[Pipeline]] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def described(distribution: metadata.Distribution) -> Iterator[Finding]:
    """What the metadata alone says."""
    points = entry_points(distribution)
    if not points:
        yield Finding("P001", f"{distribution.name} has no entry point in the group 'scope'")
    elif len(points) > 1:
        names = ", ".join(f"{p.name} = {p.value}" for p in points)
        yield Finding("P002", f"{distribution.name} has {len(points)} entry points in the group 'scope': {names}")
    yield from _requirements(distribution)
    yield from _top_level(distribution)


def entry_points(distribution: metadata.Distribution) -> list[metadata.EntryPoint]:
    """Those in the group `scope`."""
    return list(distribution.entry_points.select(group=GROUP))


def _requirements(distribution: metadata.Distribution) -> Iterator[Finding]:
    from packaging.specifiers import SpecifierSet

    given = provided()
    for name, requirement in required(distribution).items():
        if name in HOSTS:
            yield Finding("P013", f"{distribution.name} requires {requirement}", Place("pyproject.toml"))
        elif name in given and (requirement.specifier or requirement.url):
            yield Finding("P012", f"{distribution.name} requires {requirement}", Place("pyproject.toml"))
    needs = distribution.metadata.get("Requires-Python")
    if needs and not SpecifierSet(needs).contains(PYTHON):
        yield Finding("P014", f"requires-python is {needs!r}, a host runs {PYTHON}", Place("pyproject.toml"))


def _top_level(distribution: metadata.Distribution) -> Iterator[Finding]:
    tops = {Path(file).parts[0].removesuffix(".py") for file in distribution.files or [] if ".." not in str(file)}
    if strays := sorted(tops & COMMON_NAMES):
        yield Finding("P019", f"the wheel of {distribution.name} ships {', '.join(strays)} at top level")


def folder_name(project: Path) -> Iterator[Finding]:
    """The project's folder is named like its distribution."""
    name = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    if project.resolve().name.lower() != name.lower():
        yield Finding("P011", f"the folder is called {project.resolve().name}, the distribution {name}")


def imported(distribution: metadata.Distribution, package: str) -> Iterator[Finding]:
    """Every import of the package is one that a host can serve."""
    folder = package_folder(package)
    if folder is None:
        return
    declared = set(required(distribution))
    providers, seen = Providers({package}, declared), set()
    unsure = bool(declared - set(closure(declared)) or _absent(declared))
    for found in imports_of(folder):
        top, place = found.module.split(".")[0], Place(module_relative(str(found.file)), found.line)
        if found.inside:
            yield _insides(found.dotted, place)
        elif top not in seen and providers.lacks(top) and not unsure:
            seen.add(top)
            yield Finding("P017", f"imports {top}, which neither a host nor a requirement gives", place)


def _insides(name: str, place: Place) -> Finding:
    return Finding("P018", f"imports the insides of the original host: {name}", place)


def _absent(names: set[str]) -> set[str]:
    return {name for name in names if not list(metadata.distributions(name=name))}


def package_folder(package: str) -> Path | None:
    """Where a top-level package, or module file, lies, without importing it."""
    spec = util.find_spec(package)
    places = [*(spec.submodule_search_locations or []), spec.origin] if spec else []
    return Path(places[0]) if places and places[0] else None


def registered(point: metadata.EntryPoint, others: Mapping[str, str] | None = None) -> Registered:
    """What an entry point registers, and what is wrong with it, as a host finds it.

    `others`: the pipeline ids of other installed plugins, with the distribution that each belongs to.
    """
    registry = Registry()
    PipelineRegistry.bind(registry)
    loaded = load_entry_point(point, registry)
    package = point.module.split(".")[0]
    findings = [_finding(point, problem, package) for problem in loaded.problems]
    findings += _taken(loaded.pipelines, dict.fromkeys(TAKEN_IDS, "a published plugin") | dict(others or {}))
    return Registered([registry.get(name) for name in loaded.pipelines], loaded.nodes, findings)


def _finding(point: metadata.EntryPoint, problem: Problem, package: str) -> Finding:
    inside = inside_of(problem.error) if problem.error else None
    place = raised_at(problem.error, package) or Place()
    if inside:
        return _insides(inside, place)
    return Finding(_CODES[problem.kind], f"{point.value} {problem.text}", place)


def _taken(pipelines: list[str], owners: Mapping[str, str]) -> list[Finding]:
    return [
        Finding("P010", f"the id {name!r} belongs to {owners[name]}", pipeline=name)
        for name in pipelines
        if name in owners
    ]
