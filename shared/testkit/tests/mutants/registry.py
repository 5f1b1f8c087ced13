"""Mutants by the code of the rule that each breaks, and that rule only."""

import importlib
from collections.abc import Callable
from typing import Any

_MUTANTS: dict[str, Any] = {}


def mutant(code: str, *, how: str = "") -> Callable[[type], type]:
    """Enters a pipeline class under a code; a second one of that code says how it breaks the rule otherwise."""
    name = f"{code} {how}".strip()

    def enter(cls: type) -> type:
        assert name not in _MUTANTS, f"two mutants for {name}"
        _MUTANTS[name] = cls
        return cls

    return enter


def pipeline_mutants() -> dict[str, Any]:
    """Every broken pipeline, by its code and how it breaks the rule if there are several."""
    for name in ("frames", "modes", "parameters", "schemas"):
        importlib.import_module(f"mutants.{name}")
    return _MUTANTS
