"""What every package must satisfy before it is built or released; each problem is one sentence."""

from collections.abc import Callable, Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from scope_release.checkout import Package, ReleaseError, literal_version

PROVIDED = frozenset(
    {
        "accelerate",
        "av",
        "diffusers",
        "einops",
        "fastapi",
        "huggingface-hub",
        "numpy",
        "peft",
        "pillow",
        "pluggy",
        "pydantic",
        "safetensors",
        "torch",
        "torchao",
        "torchvision",
        "transformers",
    }
)
"""Distributions that the original host and the embedded one both install. A plugin that asks for one of them could
make the host's resolver change the version it runs on."""

HOSTS = frozenset({"daydream-scope", "scope-host"})
"""Distributions that own the import package `scope`: installing a second one overwrites the host itself."""

UNPUBLISHED = frozenset({"scope-gpu", "scope-testkit", "scope-release"})
"""Distributions of this repository that a plugin has inside its wheel or needs for its tests only."""


type Rule = Callable[[Package], Iterator[str]]


def check_package(package: Package) -> None:
    """Holds `package` against every rule that applies to it.

    Raises:
        ReleaseError: one line for each problem.
    """
    rules = (*COMMON, *PLUGIN) if package.is_plugin else COMMON
    _raise([problem for rule in rules for problem in rule(package)])


def check_plugin_source(package: Package) -> None:
    """The same for a folder that is built as a plugin, wherever it lies.

    An unpacked source distribution has a `PKG-INFO` and a folder named after its version, so the folder says nothing.
    """
    rules = [rule for rule in (*COMMON, *PLUGIN) if rule is not named_like_folder or not _is_unpacked(package)]
    _raise([problem for rule in rules for problem in rule(package)])


def _is_unpacked(package: Package) -> bool:
    return (package.folder / "PKG-INFO").is_file()


def _raise(problems: list[str]) -> None:
    if problems:
        raise ReleaseError("\n".join(problems))


def static_version(package: Package) -> Iterator[str]:
    if not is_plain(package.version):
        yield f"{package.name}: project.version must be a plain version such as 0.2.0, but is {package.version!r}."


def same_version_in_code(package: Package) -> Iterator[str]:
    literal = literal_version(package)
    if literal not in (None, package.version):
        yield (
            f"{package.name}: __version__ in {package.import_name}/__init__.py is {literal!r}, "
            f"but project.version is {package.version!r}; make them equal."
        )


def has_texts(package: Package) -> Iterator[str]:
    for file in ("README.md", "CHANGELOG.md", "LICENSE"):
        path = package.folder / file
        if not path.is_file() or not path.read_text(encoding="utf-8").strip():
            yield f"{package.name}: {file} is missing or empty; every package has one beside its pyproject.toml."


def readme_describes(package: Package) -> Iterator[str]:
    if package.project.get("readme") != "README.md":
        yield f'{package.name}: project.readme must be "README.md", but is {package.project.get("readme")!r}.'


def is_typed(package: Package) -> Iterator[str]:
    if not (package.source / "py.typed").is_file():
        yield f"{package.name}: {package.import_name}/py.typed is missing, so type checkers would ignore the package."


def named_like_folder(package: Package) -> Iterator[str]:
    if package.name != package.folder.name:
        yield (
            f"{package.folder.name}: project.name is {package.name!r}, but hosts derive the name from the folder of a "
            f"Git subdirectory URL; name both alike."
        )


def one_entry_point(package: Package) -> Iterator[str]:
    points = package.project.get("entry-points", {}).get("scope", {})
    if len(points) != 1:
        found = ", ".join(points) or "none"
        yield (
            f"{package.name}: exactly one entry point in the group 'scope' is allowed, but there are "
            f"{len(points)} ({found}); a second one blocks the plugin in hosts."
        )


def entry_point_inside(package: Package) -> Iterator[str]:
    for value in package.project.get("entry-points", {}).get("scope", {}).values():
        if value.split(":")[0].split(".")[0] != package.import_name:
            yield f"{package.name}: the entry point 'scope' names {value!r}, which is not in {package.import_name}."


def only_own_dependencies(package: Package) -> Iterator[str]:
    for text in package.project.get("dependencies", []):
        try:
            name = canonicalize_name(Requirement(text).name)
        except InvalidRequirement:
            yield f"{package.name}: the dependency {text!r} cannot be read as a requirement."
            continue
        yield from (f"{package.name}: the dependency {text!r} {why}" for why in _against(name))


def _against(name: str) -> Iterator[str]:
    if name in PROVIDED:
        yield "is provided by every host; remove it, or the host's own version may change."
    elif name in HOSTS:
        yield "is a host itself and would overwrite the import package 'scope' of another; move it to a dev group."
    elif name in UNPUBLISHED:
        yield "is a part of this repository that a wheel carries itself or that tests need; move it to a dev group."


COMMON: tuple[Rule, ...] = (static_version, same_version_in_code, has_texts, readme_describes, is_typed)
PLUGIN: tuple[Rule, ...] = (named_like_folder, one_entry_point, entry_point_inside, only_own_dependencies)


def is_plain(text: str) -> bool:
    """True for MAJOR.MINOR.PATCH in its normal spelling, with or without a pre-release (0.2.0, 1.0.0rc1)."""
    try:
        version = Version(text)
    except InvalidVersion:
        return False
    return str(version) == text and len(version.release) == 3 and version.local is None
