"""Packaging: metadata, entry point, hook, and what the wheel brings along."""

import tomllib
from collections.abc import Callable, Iterator
from importlib import metadata, util
from pathlib import Path
from typing import Any

import pluggy

from scope.core.pipelines.interface import Pipeline
from scope.core.pipelines.registry import RegistrationError, Registry
from scope.core.plugins import hookspecs
from scope_testkit.findings import Finding, Place
from scope_testkit.imports import HOSTS, Providers, closure, imports_of, in_api, provided, required

GROUP = "scope"
PYTHON = "3.12"
# Ids of plugins and built-in pipelines that are out in the world.
TAKEN_IDS = frozenset({"invert", "gray", "vfx-pack", "kaleido-scope"})
# Top-level names that every distribution must leave alone.
COMMON_NAMES = frozenset({"scope", "tests", "test", "docs", "doc", "examples", "scripts", "src"})


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
        elif name in given:
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
        if found.top == "scope" and not in_api(found.module):
            yield Finding("P018", f"imports {found.module}, which the plugin API does not have", found.place)
        elif found.top not in seen and providers.lacks(found.top) and not unsure:
            seen.add(found.top)
            yield Finding("P017", f"imports {found.top}, which neither a host nor a requirement gives", found.place)


def _absent(names: set[str]) -> set[str]:
    return {name for name in names if not list(metadata.distributions(name=name))}


def package_folder(package: str) -> Path | None:
    """Where a top-level package lies, without importing it."""
    spec = util.find_spec(package)
    places = list(spec.submodule_search_locations or []) if spec else []
    return Path(places[0]) if places else None


def registered(
    point: metadata.EntryPoint, others: Callable[[str], str | None] = lambda pipeline_id: None
) -> tuple[list[type[Pipeline]], list[Finding]]:
    """The pipelines that an entry point registers, and what is wrong with it.

    `others` names the installed plugin that already has a pipeline id, None if none has.
    """
    try:
        module = point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - plugin code runs at import
        return [], [Finding("P003", f"{point.value}: {type(error).__name__}: {error}")]
    hook, findings = _hook(module)
    if hook is None:
        return [], findings
    pipelines: list[Any] = []
    try:
        hook(register=pipelines.append)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the hook is plugin code
        return [], [Finding("P006", f"register_pipelines in {module.__name__}: {type(error).__name__}: {error}")]
    if not pipelines:
        return [], [Finding("P007", f"register_pipelines in {module.__name__} registers nothing")]
    return _usable(pipelines, others)


def _hook(module: Any) -> tuple[Callable[..., Any] | None, list[Finding]]:
    manager = pluggy.PluginManager(hookspecs.PROJECT_NAME)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module)
    except pluggy.PluginValidationError as error:
        return None, [Finding("P005", f"{module.__name__}: {str(error).splitlines()[-1].strip()}")]
    if not manager.hook.register_pipelines.get_hookimpls():
        return None, [Finding("P004", f"{module.__name__} has no function marked as the hook register_pipelines")]
    return manager.hook.register_pipelines, []


def _usable(pipelines: list[Any], others: Callable[[str], str | None]) -> tuple[list[type[Pipeline]], list[Finding]]:
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
            owner = others(pipeline_id) or ("a published plugin" if pipeline_id in TAKEN_IDS else None)
            if owner:
                findings.append(Finding("P010", f"the id {pipeline_id!r} belongs to {owner}", pipeline=pipeline_id))
    return usable, findings
