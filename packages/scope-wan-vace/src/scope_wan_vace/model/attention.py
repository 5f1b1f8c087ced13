"""Attention with keys and values kept between calls: self-attention in a ring, cross-attention per prompt."""

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend

from scope_wan_vace.model.config import DitConfig
from scope_wan_vace.model.kv import LayerCache, Segment
from scope_wan_vace.model.rope import Rope, rotate

TextKeys = tuple[Tensor, Tensor]  # keys and values of one prompt in one layer: [batch, text_length, heads, head_dim]

# Best first: on Hopper and Blackwell cuDNN's attention is far ahead of the default order's first.
BACKENDS = [
    SDPBackend.CUDNN_ATTENTION,
    SDPBackend.FLASH_ATTENTION,
    SDPBackend.EFFICIENT_ATTENTION,
    SDPBackend.MATH,
]


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Full attention of `q` on `k`, `v`, all [batch, tokens, heads, head_dim]; returns [batch, tokens, dim]."""
    out = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2))
    return out.transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """Projections of one attention, with RMS norms of queries and keys across all heads."""

    def __init__(self, config: DitConfig):
        super().__init__()
        self.heads = config.heads
        self.q, self.k, self.v, self.o = (nn.Linear(config.dim, config.dim) for _ in range(4))
        self.norm_q = nn.RMSNorm(config.dim, eps=config.eps)
        self.norm_k = nn.RMSNorm(config.dim, eps=config.eps)

    def _by_head(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1))


class CrossAttention(Attention):
    """Attention of tokens to the prompt."""

    def keys(self, text: Tensor) -> TextKeys:
        """Keys and values of an embedded prompt [batch, text_length, dim]."""
        return self._by_head(self.norm_k(self.k(text))), self._by_head(self.v(text))

    def forward(self, x: Tensor, text: TextKeys) -> Tensor:
        """[batch, tokens, dim] → the same; padding is attended to, as in training."""
        return self.o(attend(self._by_head(self.norm_q(self.q(x))), *text))


class SelfAttention(Attention):
    """Attention of tokens to themselves and to what the cache holds."""

    def __init__(self, config: DitConfig):
        super().__init__(config)
        self.qkv: nn.Module | None = None

    def fuse(self) -> None:
        """Compute queries, keys and values in one product.

        The three layers become views of one weight, so that whoever changes them in place changes the product.
        """
        parts = (self.q, self.k, self.v)
        size = self.q.in_features
        self.qkv = nn.Linear(size, 3 * size, device="meta")
        for name in ("weight", "bias"):
            whole = torch.cat([getattr(part, name).detach() for part in parts])
            setattr(self.qkv, name, nn.Parameter(whole, requires_grad=False))
            for part, view in zip(parts, whole.chunk(3), strict=True):
                setattr(part, name, nn.Parameter(view, requires_grad=False))

    def _projected(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if self.qkv is None:
            return self.q(x), self.k(x), self.v(x)
        return cast("tuple[Tensor, Tensor, Tensor]", self.qkv(x).chunk(3, dim=-1))

    def forward(self, x: Tensor, rope: Rope, cache: LayerCache | None, segment: Segment | None) -> Tensor:
        """[batch, tokens, dim] → the same. Without a cache the tokens see only each other."""
        q, k, v = self._projected(x)
        q, k = rotate(self._by_head(self.norm_q(q)), rope), rotate(self._by_head(self.norm_k(k)), rope)
        v = self._by_head(v)
        if cache is not None and segment is not None:
            k, v = cache.write(k, v, segment)
        return self.o(attend(q, k, v))
