"""A set-up document with one thing changed. Documents are never changed in place: others hold them."""

from collections.abc import Mapping
from typing import Any

from scope.engine.commands import Setup
from scope.runtime.mailbox import ONCE_ONLY


def with_load(setup: Setup, stage: str, load: Mapping[str, Any]) -> dict[str, Any]:
    """Other load parameters for one stage."""
    return _with(setup, stage, {"load": dict(load)})


def with_values(setup: Setup, stage: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Runtime values that a stage has taken; those for one call only are left out."""
    lasting = {name: value for name, value in values.items() if name not in ONCE_ONLY}
    before = next((s.get("values", {}) for s in setup.get("stages", ()) if s["id"] == stage), {})
    return _with(setup, stage, {"values": {**before, **lasting}})


def without(setup: Setup, stage: str) -> dict[str, Any]:
    """One stage switched off."""
    return _with(setup, stage, {"on": False})


def _with(setup: Setup, stage: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    stages = [{**s, **changes} if s["id"] == stage else s for s in setup.get("stages", ())]
    return {**setup, "stages": stages}
