"""Who gives what a package imports: Python, itself, a host, or what it declares."""

import sys
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

HOSTS = frozenset({"scope-host", "daydream-scope"})


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
