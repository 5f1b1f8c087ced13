"""The one required check: whether every job before it did what it had to."""

from collections.abc import Mapping

GOOD = frozenset({"success", "skipped"})
"""A job without anything to do (no package changed) is skipped, and that is fine."""


def failures(results: Mapping[str, str], advisory: frozenset[str]) -> tuple[list[str], list[str]]:
    """The jobs that forbid a merge, and those that only deserve a look, each as `name: result`."""
    bad = {name: f"{name}: {result}" for name, result in results.items() if result not in GOOD}
    blocking = [line for name, line in bad.items() if name not in advisory]
    return blocking, [line for name, line in bad.items() if name in advisory]
