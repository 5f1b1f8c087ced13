"""Prompts as clients send them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
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


type Shares = tuple[tuple[str, float], ...]

STEP_SECONDS = 0.25
"""How long a step of a transition takes where nothing is made in steps: about as long as a video model needs for one."""


@dataclass(frozen=True)
class Prompt:
    """What is asked for at a moment: texts with shares that sum to 1.

    While a transition runs, `progress` in [0, 1) says how far `after` has taken over from `before`; else it is 1.
    """

    after: Shares = ()
    before: Shares = ()
    progress: float = 1.0

    @property
    def text(self) -> str:
        """The heaviest text, the first of equals, a transition's target from its start; empty without one."""
        return heaviest(self.after)

    def sides(self) -> list[tuple[Shares, float]]:
        """What is blended, with shares that sum to 1."""
        return (
            [(self.before, 1.0 - self.progress), (self.after, self.progress)]
            if self.progress < 1.0
            else [(self.after, 1.0)]
        )


def heaviest(shares: Shares) -> str:
    """The text of the largest share, the first of equals; empty without one."""
    return max(shares, key=lambda pair: pair[1], default=("", 0.0))[0]


class PromptInForce:
    """The prompt of a stream in which transitions happen.

    A client asks for new prompts either by sending them, or by a `transition`, which comes with a single call while the
    old prompts go on coming: its `target_prompts` take over in `num_steps` steps of `STEP_SECONDS` and hold until other
    prompts are sent.
    """

    def __init__(self) -> None:
        self._sent: Shares = ()
        self._before: Shares = ()
        self._after: Shares = ()
        self._start = self._seconds = 0.0

    def at(self, call: Mapping[str, Any], seconds: float) -> Prompt:
        """The prompt as of this call, which happens at a time."""
        given = _shares(weighted_prompts(call))
        transition = call.get("transition")
        sent = transition if isinstance(transition, Mapping) else {}
        if target := _shares(weighted_prompts({"prompts": sent.get("target_prompts")})):
            self._begin(given, target, seconds, _steps(sent.get("num_steps")))
        elif given != self._sent:
            self._after, self._seconds = given, 0.0
        self._sent = given
        gone = seconds - self._start
        if not 0.0 <= gone < self._seconds:
            return Prompt(self._after)
        return Prompt(self._after, self._before, gone / self._seconds)

    def _begin(self, given: Shares, target: Shares, seconds: float, steps: int) -> None:
        if given != self._sent:
            self._after = given
        self._before, self._after = self._after, target
        self._start, self._seconds = seconds, steps * STEP_SECONDS if self._before else 0.0


def _shares(pairs: list[tuple[str, float]]) -> Shares:
    """Weights as shares of their sum; those that are not above 0 are left out."""
    total = sum(weight for _, weight in pairs if weight > 0.0)
    return tuple((text, weight / total) for text, weight in pairs if weight > 0.0)


def _steps(value: Any) -> int:
    return max(0, int(value)) if isinstance(value, int | float) and math.isfinite(value) else 0


def _pair(entry: Any) -> tuple[str, float] | None:
    text, weight = (entry.get("text"), entry.get("weight", 1.0)) if isinstance(entry, Mapping) else (entry, 1.0)
    if not isinstance(text, str) or isinstance(weight, bool) or not isinstance(weight, int | float):
        return None
    if not math.isfinite(weight):
        return None
    return text, float(weight)
