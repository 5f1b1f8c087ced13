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


class PromptInForce:
    """The prompt of a stream in which transitions happen.

    A client asks for new prompts either by sending them, or by a `transition`, which comes with a single call while the
    old prompts go on coming: its `target_prompts` hold from then on, until other prompts are sent.
    """

    def __init__(self) -> None:
        self._old: list[tuple[str, float]] = []
        self._target: list[tuple[str, float]] = []

    def text(self, call: Mapping[str, Any]) -> str:
        """The heaviest prompt as of this call, the first of equals; empty without one."""
        given = weighted_prompts(call)
        transition = call.get("transition")
        wanted = transition.get("target_prompts") if isinstance(transition, Mapping) else None
        target = weighted_prompts({"prompts": wanted})
        if target:
            self._old, self._target = given, target
        elif given != self._old:
            self._target = []
        return max(self._target or given, key=lambda pair: pair[1], default=("", 0.0))[0]


def _pair(entry: Any) -> tuple[str, float] | None:
    text, weight = (entry.get("text"), entry.get("weight", 1.0)) if isinstance(entry, Mapping) else (entry, 1.0)
    if not isinstance(text, str) or isinstance(weight, bool) or not isinstance(weight, int | float):
        return None
    return text, float(weight)
