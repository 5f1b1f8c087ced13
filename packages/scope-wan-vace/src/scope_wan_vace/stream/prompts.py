"""Weighted prompts and transitions as blends of embeddings, all [1, text_length, text_dim]."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import torch
from torch import Tensor

from scope_gpu.plugin.prompts import weighted_prompts

Weighted = tuple[tuple[str, float], ...]


def lerp(a: Tensor, b: Tensor, share: float) -> Tensor:
    """Straight line from `a` (share 0) to `b` (share 1)."""
    return a + share * (b - a)


def slerp(a: Tensor, b: Tensor, share: float) -> Tensor:
    """Arc from `a` to `b`, token by token; tokens that (almost) point the same way go straight.

    Shoemake, "Animating rotation with quaternion curves" (1985).
    """
    cosine = torch.nn.functional.cosine_similarity(a.float(), b.float(), dim=-1, eps=1e-12)[..., None]
    angle = cosine.clamp(-1, 1).acos()
    sine = angle.sin()
    curved = (((1 - share) * angle).sin() * a + (share * angle).sin() * b) / sine.clamp(min=1e-6)
    # Padding is a zero vector and has no direction.
    directed = a.any(dim=-1, keepdim=True) & b.any(dim=-1, keepdim=True)
    return torch.where((sine > 1e-3) & directed, curved, lerp(a, b, share)).type_as(a)


METHODS = {"linear": lerp, "slerp": slerp}


def blend(embeddings: Sequence[Tensor], weights: Sequence[float], method: str) -> Tensor:
    """Blend by weights that need not sum to one; negative ones count as zero, all zero as equal.

    With "linear" this is the weighted mean. With "slerp" each further embedding is approached along the arc by its
    share of the weight so far.
    """
    positive = [max(weight, 0.0) for weight in weights]
    if not sum(positive):
        positive = [1.0] * len(embeddings)
    blended, total = embeddings[0], positive[0]
    for embedding, weight in zip(embeddings[1:], positive[1:], strict=True):
        total += weight
        if weight:
            blended = METHODS[method](blended, embedding, weight / total)
    return blended


class Change(Enum):
    """What happened to the prompt since the last chunk."""

    NONE = auto()
    BLENDED = auto()  # a step of a transition: the past need not be recached
    CUT = auto()


@dataclass
class _Transition:
    start: Tensor
    target: Tensor
    steps: int
    done: int
    method: str

    def next(self) -> Tensor:
        self.done += 1
        if self.done == self.steps:
            return self.target
        return METHODS[self.method](self.start, self.target, self.done / self.steps)


class PromptTrack:
    """The embedding in force, moved by what clients send.

    Clients repeat `prompts` with every call, so only a changed value counts; a transition therefore holds although
    the old prompts keep arriving.
    """

    def __init__(self, embed: Callable[[str], Tensor], default_method: str = "linear"):
        self._embed = embed
        self._default_method = default_method
        self._seen: tuple[Weighted, str] | None = None
        self._target: Weighted = ()
        self._current: Tensor | None = None
        self._transition: _Transition | None = None

    def restart(self) -> None:
        """Drop a running transition; the next call sets the prompt anew."""
        self._seen = self._current = self._transition = None
        self._target = ()

    def advance(self, call: Mapping[str, Any]) -> tuple[Tensor, Change]:
        """The embedding for the next chunk.

        Reads `prompt`, `prompts`, `prompt_interpolation_method` and `transition` of a call.
        """
        before = self._current
        change = self._take_prompts(call)
        if isinstance(call.get("transition"), Mapping):
            change = self._take_transition(call["transition"], change, before)
        if self._transition is not None:
            self._current = self._transition.next()
            change = Change.CUT if change is Change.CUT else Change.BLENDED
            if self._transition.done == self._transition.steps:
                self._transition = None
        assert self._current is not None
        return self._current, change

    def _take_prompts(self, call: Mapping[str, Any]) -> Change:
        wanted = tuple(weighted_prompts(call)) or (("", 1.0),)
        method = self._method(call.get("prompt_interpolation_method"))
        if (wanted, method) == self._seen:
            return Change.NONE
        self._seen = (wanted, method)
        if self._current is not None and wanted == self._target:
            return Change.NONE
        return self._cut(wanted, method)

    def _take_transition(self, sent: Mapping[str, Any], change: Change, before: Tensor | None) -> Change:
        target = tuple(weighted_prompts({"prompts": sent.get("target_prompts")}))
        steps, method = _count(sent.get("num_steps")), self._method(sent.get("temporal_interpolation_method"))
        if not target:
            return change
        if steps < 1:
            return change if target == self._target else self._cut(target, self._default_method)
        if before is not None and target == self._target:
            # The client sent the target as the new prompts in the same call: it wants to go there, not to be there.
            self._current, change = before, Change.NONE
        assert self._current is not None
        self._target = target
        self._transition = _Transition(self._current, self._mixed(target, self._default_method), steps, 0, method)
        return change

    def _cut(self, wanted: Weighted, method: str) -> Change:
        self._target, self._transition = wanted, None
        self._current = self._mixed(wanted, method)
        return Change.CUT

    def _mixed(self, wanted: Weighted, method: str) -> Tensor:
        return blend([self._embed(text) for text, _ in wanted], [weight for _, weight in wanted], method)

    def _method(self, sent: Any) -> str:
        return sent if sent in METHODS else self._default_method


def _count(value: Any) -> int:
    try:
        return min(int(value), 1000)
    except (TypeError, ValueError, OverflowError):
        return 0
