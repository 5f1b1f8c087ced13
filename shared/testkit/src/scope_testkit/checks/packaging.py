"""Packaging: metadata, entry point, hook, and what the wheel brings along."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata, util
from pathlib import Path
from typing import Any

import pluggy

from scope.core.pipelines.interface import Pipeline
from scope.core.pipelines.registry import RegistrationError, Registry
from scope.core.plugins import hookspecs
from scope.core.plugins.insides import imports_of, inside_of
from scope_testkit.findings import Finding, Place
from scope_testkit.providers import HOSTS, Providers, closure, provided, required
from scope_testkit.source import module_relative, raised_at

GROUP = "scope"
PYTHON = "3.12"
# Ids of plugins and built-in pipelines that are out in the world.
TAKEN_IDS = frozenset({"invert", "gray", "vfx-pack", "kaleido-scope"})
# Top-level names that every distribution must leave alone.
COMMON_NAMES = frozenset({"scope", "tests", "test", "docs", "doc", "examples", "scripts", "src"})


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
    """What an entry point registers, and what is wrong with it.

    `others`: the pipeline ids of other installed plugins, with the distribution that each belongs to.
    """
    try:
        plugin = point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - plugin code runs at import
        return Registered(findings=[_failed("P003", point.value, point, error)])
    manager = pluggy.PluginManager(hookspecs.PROJECT_NAME)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin)
    except pluggy.PluginValidationError as error:
        return Registered(findings=[Finding("P005", f"{point.value}: {str(error).splitlines()[-1].strip()}")])
    return _called(manager, point, others or {})


def _called(manager: pluggy.PluginManager, point: metadata.EntryPoint, others: Mapping[str, str]) -> Registered:
    hooks = [h for h in (manager.hook.register_pipelines, manager.hook.register_nodes) if h.get_hookimpls()]
    if not hooks:
        return Registered(findings=[Finding("P004", f"{point.value} has no function marked as a hook of scope")])
    given: dict[str, list[Any]] = {"register_pipelines": [], "register_nodes": []}
    for hook in hooks:
        try:
            hook(register=given[hook.name].append)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the hook is plugin code
            return Registered(findings=[_failed("P006", f"{hook.name} of {point.value}", point, error)])
    nodes = [getattr(node, "__name__", repr(node)) for node in given["register_nodes"]]
    if not (given["register_pipelines"] or nodes):
        return Registered(findings=[Finding("P007", f"the hook of {point.value} registers nothing")])
    usable, findings = _usable(given["register_pipelines"], others)
    return Registered(usable, nodes, findings)


def _failed(code: str, what: str, point: metadata.EntryPoint, error: BaseException) -> Finding:
    """A failure of the plugin, or of this host in not offering what it reaches for."""
    place = raised_at(error, point.module.split(".")[0]) or Place()
    inside = inside_of(error)
    return _insides(inside, place) if inside else Finding(code, f"{what}: {type(error).__name__}: {error}", place)


def _usable(pipelines: list[Any], others: Mapping[str, str]) -> tuple[list[type[Pipeline]], list[Finding]]:
    usable, findings, registry = [], [], Registry()
    for pipeline in pipelines:
        try:
            pipeline_id = registry.register(pipeline)
        except RegistrationError as error:
            code = "P010" if "is taken by" in str(error) else "P008"
            findings.append(Finding(code, str(error)))
        except Exception as error:  # noqa: BLE001 - get_config_class is plugin code
            findings.append(Finding("P008", f"{pipeline!r}: {type(error).__name__}: {error}"))
        else:
            usable.append(pipeline)
            owner = others.get(pipeline_id) or ("a published plugin" if pipeline_id in TAKEN_IDS else None)
            if owner:
                findings.append(Finding("P010", f"the id {pipeline_id!r} belongs to {owner}", pipeline=pipeline_id))
    return usable, findings
