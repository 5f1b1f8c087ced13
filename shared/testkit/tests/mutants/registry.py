"""Mutants by the code of the rule that each breaks, and that rule only."""

import importlib
from collections.abc import Callable
from typing import Any

_MUTANTS: dict[str, Any] = {}


def mutant(code: str) -> Callable[[type], type]:
    """Enters a pipeline class under a code."""

    def enter(cls: type) -> type:
        assert code not in _MUTANTS, f"two mutants for {code}"
        _MUTANTS[code] = cls
        return cls

    return enter


def pipeline_mutants() -> dict[str, Any]:
    """Every broken pipeline, by code."""
    for name in ("frames", "modes", "parameters", "schemas"):
        importlib.import_module(f"mutants.{name}")
    return _MUTANTS
