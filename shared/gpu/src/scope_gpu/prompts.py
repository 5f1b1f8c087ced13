"""Prompts as clients send them."""

from collections.abc import Mapping
from typing import Any


def weighted_prompts(call: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The prompts of a call with their weights, whichever way they came.

    `prompt` is one text; `prompts` is a list of `{"text": str, "weight": float}` or of bare texts, each of weight 1.
    Entries without a usable text and weight are left out. `prompts` wins where both are given.
    """
    given = call.get("prompts")
    if given is None:
        given = call.get("prompt")
    entries = [given] if isinstance(given, str) else given or []
    return [pair for entry in entries if (pair := _pair(entry)) is not None]


def prompt_text(call: Mapping[str, Any]) -> str:
    """The heaviest prompt of a call, the first of equals; empty without one."""
    return max(weighted_prompts(call), key=lambda pair: pair[1], default=("", 0.0))[0]


def _pair(entry: Any) -> tuple[str, float] | None:
    text, weight = (entry.get("text"), entry.get("weight", 1.0)) if isinstance(entry, Mapping) else (entry, 1.0)
    if not isinstance(text, str) or isinstance(weight, bool) or not isinstance(weight, int | float):
        return None
    return text, float(weight)
