"""Whether what the probe saw speaks against a change: only problems that the change itself brings do."""

from collections.abc import Callable, Collection, Iterable, Sequence

from packaging.utils import canonicalize_name

from scope.install.errors import InstallError
from scope.install.generations import Generation
from scope.install.probe import Report

Problems = dict[str, frozenset[str]]


def judge(
    reports: Sequence[Report], base: Generation | None, touched: Collection[str], probe_base: Callable[[], list[Report]]
) -> list[str]:
    """Accept a candidate; gives warnings about plugins that were broken before, through no fault of the change.

    `touched` are the canonical names of what the change installs. If another plugin has a problem that it did not have
    when `base` became current, `probe_base` says whether it has it in `base` by now: its author may have broken it.

    Raises:
        InstallError: the change brings a problem.
    """
    found = _problems(reports)
    known = _stored(base)
    if _new(found, known).keys() - set(touched):
        known = _both(known, _problems(probe_base()))
    new = _new(found, known)
    if new:
        own = {name: texts for name, texts in new.items() if name in touched} or new
        raise InstallError(" ".join(_sentences(own)))
    return [f"Not of this change: {text}" for text in _sentences(found)]


def _problems(reports: Iterable[Report]) -> Problems:
    return {canonicalize_name(report.name): frozenset(report.problems) for report in reports if report.problems}


def _stored(base: Generation | None) -> Problems:
    return {plugin.name: frozenset(plugin.problems) for plugin in base.plugins} if base else {}


def _both(one: Problems, other: Problems) -> Problems:
    return {name: one.get(name, frozenset()) | other.get(name, frozenset()) for name in one.keys() | other.keys()}


def _new(found: Problems, known: Problems) -> Problems:
    fresh = {name: texts - known.get(name, frozenset()) for name, texts in found.items()}
    return {name: texts for name, texts in fresh.items() if texts}


def _sentences(problems: Problems) -> list[str]:
    return [f"{name} {text}" for name in sorted(problems) for text in sorted(problems[name])]
