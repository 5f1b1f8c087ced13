"""Weighted and timed blends of prompt embeddings. Importing this module does not import torch."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import Tensor

METHODS = ("linear", "slerp")


@dataclass(frozen=True)
class TransitionConfig:
    """A way from the prompts in force to `target_prompts`, `num_steps` calls long; 0 is a cut."""

    target_prompts: list[dict[str, Any]] = field(default_factory=list)
    num_steps: int = 0
    temporal_interpolation_method: str = "linear"


def parse_transition_config(transition: Mapping[str, Any] | None) -> TransitionConfig:
    """The `transition` of a call; what is missing or unusable takes the defaults, and None is no transition at all."""
    sent = transition or {}
    targets = sent.get("target_prompts")
    method = sent.get("temporal_interpolation_method")
    return TransitionConfig(
        target_prompts=list(targets) if isinstance(targets, list | tuple) else [],
        num_steps=_count(sent.get("num_steps")),
        temporal_interpolation_method=method if method in METHODS else "linear",
    )


class EmbeddingBlender:
    """Blends embeddings of several prompts by weight, and moves from one blend to the next in steps.

    Embeddings are tensors of one shape, such as (1, tokens, channels); results are on `device`, in `dtype`.
    """

    def __init__(self, device: "torch.device | str", dtype: "torch.dtype") -> None:
        self.device = device
        self.dtype = dtype
        self._current: Tensor | None = None
        self._steps: deque[Tensor] = deque()

    def blend(
        self, embeddings: "Sequence[Tensor]", weights: Sequence[float], interpolation_method: str = "linear"
    ) -> "Tensor":
        """The blend by weight, in force from now on; a running transition ends.

        Weights need not sum to one; negative ones count as zero, all zero as equal. "slerp" approaches each further
        embedding along the arc by its share of the weight so far.

        Raises:
            ValueError: no embeddings, another number of weights, or an unknown method.
        """
        self._steps.clear()
        self._current = self._blended(embeddings, weights, interpolation_method)
        return self._current

    def start_transition(
        self, target_embedding: "Tensor", num_steps: int, temporal_interpolation_method: str = "linear"
    ) -> None:
        """Go from the embedding in force to a target: the next `num_steps` calls of `get_next_embedding` lead there.

        Raises:
            ValueError: an unknown method.
        """
        _known(temporal_interpolation_method)
        target = self._placed(target_embedding)
        start = target if self._current is None else self._current
        shares = [step / num_steps for step in range(1, num_steps)]
        between = [_between(start, target, share, temporal_interpolation_method) for share in shares]
        self._steps = deque([*between, target])

    def get_next_embedding(self) -> "Tensor | None":
        """The next step of a transition, else the embedding in force; None before the first blend."""
        if self._steps:
            self._current = self._steps.popleft()
        return self._current

    def is_transitioning(self) -> bool:
        """Whether steps of a transition are left."""
        return bool(self._steps)

    def cancel_transition(self) -> None:
        """Stay at the embedding in force."""
        self._steps.clear()

    def reset(self) -> None:
        """Forget everything."""
        self._steps.clear()
        self._current = None

    def _placed(self, embedding: "Tensor") -> "Tensor":
        return embedding.to(device=self.device, dtype=self.dtype)

    def _blended(self, embeddings: "Sequence[Tensor]", weights: Sequence[float], method: str) -> "Tensor":
        if not embeddings or len(embeddings) != len(weights):
            raise ValueError(f"expected as many weights as embeddings, got {len(weights)} for {len(embeddings)}")
        _known(method)
        shares = [max(float(weight), 0.0) for weight in weights]
        shares = shares if sum(shares) else [1.0] * len(shares)
        result, total = self._placed(embeddings[0]), shares[0]
        for embedding, share in zip(embeddings[1:], shares[1:], strict=True):
            total += share
            if share:
                result = _between(result, self._placed(embedding), share / total, method)
        return result


def _between(start: "Tensor", target: "Tensor", share: float, method: str) -> "Tensor":
    return _slerp(start, target, share) if method == "slerp" else start + share * (target - start)


def _slerp(start: "Tensor", target: "Tensor", share: float) -> "Tensor":
    """Along the arc, token by token; where two tokens point the same way, or have no direction, straight.

    Shoemake, "Animating rotation with quaternion curves" (1985).
    """
    import torch

    a, b = start.float(), target.float()
    angle = torch.nn.functional.cosine_similarity(a, b, dim=-1).clamp(-1, 1).acos().unsqueeze(-1)
    sine = angle.sin()
    curved = (((1 - share) * angle).sin() * a + (share * angle).sin() * b) / sine.clamp(min=1e-6)
    straight = a + share * (b - a)
    directed = a.any(dim=-1, keepdim=True) & b.any(dim=-1, keepdim=True)
    return torch.where((sine > 1e-3) & directed, curved, straight).to(start.dtype)


def _known(method: str) -> None:
    if method not in METHODS:
        raise ValueError(f"expected an interpolation method out of {', '.join(METHODS)}, got {method!r}")


def _count(value: Any) -> int:
    try:
        return max(0, int(value))
    except (TypeError, ValueError, OverflowError):
        return 0
