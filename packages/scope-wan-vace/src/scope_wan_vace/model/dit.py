"""The causal diffusion transformer of Wan2.1 (arXiv 2503.20314) over a ring of cached keys and values.

Module names are those of the original checkpoints, so that a state dict loads as it is. The forward pass is
split into small calls (`time`, `project_text`, `embed`, `forward`) because a stream repeats them at different
rates: text once a prompt, time once a schedule, blocks every step.
"""

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scope_wan_vace.model.config import DitConfig
from scope_wan_vace.model.kv import LayerCache, Segment
from scope_wan_vace.model.rope import Rope, rotate

TextKeys = tuple[Tensor, Tensor]  # keys and values of one prompt in one layer: [batch, text_length, heads, head_dim]
Time = tuple[Tensor, Tensor]  # for the head [batch, frames, dim], for the blocks [batch, frames, 6, dim]; float32


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Full attention of `q` on `k`, `v`, all [batch, tokens, heads, head_dim]; returns [batch, tokens, dim]."""
    out = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2))
    return out.transpose(1, 2).flatten(2)


def sinusoid(t: Tensor, channels: int) -> Tensor:
    """Embed times `t` [...] as [..., channels], cosines first (float64 inside, float32 out)."""
    half = channels // 2
    exponent = torch.arange(half, device=t.device, dtype=torch.float64) / half
    angles = t.double()[..., None] * 10000.0**-exponent
    return torch.cat([angles.cos(), angles.sin()], dim=-1).float()


class Attention(nn.Module):
    """Projections of one attention, with RMS norms of queries and keys across all heads."""

    def __init__(self, config: DitConfig):
        super().__init__()
        self.heads = config.heads
        self.q, self.k, self.v, self.o = (nn.Linear(config.dim, config.dim) for _ in range(4))
        self.norm_q = nn.RMSNorm(config.dim, eps=config.eps)
        self.norm_k = nn.RMSNorm(config.dim, eps=config.eps)

    def query(self, x: Tensor) -> Tensor:
        """[batch, tokens, dim] → [batch, tokens, heads, head_dim]."""
        return self.norm_q(self.q(x)).unflatten(-1, (self.heads, -1))

    def keys(self, x: Tensor) -> TextKeys:
        """Keys and values of `x` [batch, tokens, dim]."""
        k = self.norm_k(self.k(x)).unflatten(-1, (self.heads, -1))
        return k, self.v(x).unflatten(-1, (self.heads, -1))

    def on_ring(self, x: Tensor, rope: Rope, cache: LayerCache | None, segments: list[Segment]) -> Tensor:
        """Self-attention, one segment after the other; without a cache each segment sees only itself."""
        q, (k, v) = rotate(self.query(x), rope), self.keys(x)
        k = rotate(k, rope)
        outs, start = [], 0
        for segment in segments:
            part = slice(start, start + segment.tokens)
            seen_k, seen_v = (k[:, part], v[:, part]) if cache is None else cache.write(k[:, part], v[:, part], segment)
            outs.append(attend(q[:, part], seen_k, seen_v))
            start += segment.tokens
        return self.o(outs[0] if len(outs) == 1 else torch.cat(outs, dim=1))

    def on_text(self, x: Tensor, text: TextKeys) -> Tensor:
        """Cross-attention to cached keys of the prompt; padding is attended to, as in training."""
        return self.o(attend(self.query(x), *text))


class Block(nn.Module):
    """Self-attention, cross-attention and feed-forward, modulated by time frame by frame."""

    def __init__(self, config: DitConfig):
        super().__init__()
        self.dim, self.eps = config.dim, config.eps
        self.self_attn, self.cross_attn = Attention(config), Attention(config)
        self.norm3 = nn.LayerNorm(config.dim, eps=config.eps)
        self.ffn = nn.Sequential(
            nn.Linear(config.dim, config.ffn_dim), nn.GELU("tanh"), nn.Linear(config.ffn_dim, config.dim)
        )
        self.modulation = nn.Parameter(torch.randn(1, 6, config.dim) / config.dim**0.5)

    def forward(
        self,
        x: Tensor,
        time: Tensor,
        rope: Rope,
        cache: LayerCache | None,
        segments: list[Segment],
        text: TextKeys,
    ) -> Tensor:
        """One block over `x` [batch, tokens, dim]; `time` is [batch, frames, 6, dim]."""
        shift, scale, gate, ffn_shift, ffn_scale, ffn_gate = (self.modulation.float() + time).unbind(2)
        x = gated(x, self.self_attn.on_ring(self._norm(x, shift, scale), rope, cache, segments), gate)
        x = x + self.cross_attn.on_text(self._cross_norm(x), text)
        return gated(x, self.ffn(self._norm(x, ffn_shift, ffn_scale)), ffn_gate)

    def _norm(self, x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
        return modulated(F.layer_norm(x.float(), (self.dim,), eps=self.eps), shift, scale).type_as(x)

    def _cross_norm(self, x: Tensor) -> Tensor:
        weight, bias = self.norm3.weight.float(), self.norm3.bias.float()
        return F.layer_norm(x.float(), (self.dim,), weight, bias, self.eps).type_as(x)


def modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """x · (1 + scale) + shift with one value a frame: x [batch, tokens, dim], the others [batch, frames, dim]."""
    by_frame = x.unflatten(1, (shift.shape[1], -1))
    return (by_frame * (1 + scale[:, :, None]) + shift[:, :, None]).flatten(1, 2)


def gated(x: Tensor, update: Tensor, gate: Tensor) -> Tensor:
    """x + update · gate with one gate a frame, added in float32."""
    by_frame = update.float().unflatten(1, (gate.shape[1], -1)) * gate[:, :, None]
    return (x.float() + by_frame.flatten(1, 2)).type_as(x)


class Head(nn.Module):
    """Last norm, modulation and projection to latent patches."""

    def __init__(self, config: DitConfig):
        super().__init__()
        self.dim, self.eps = config.dim, config.eps
        frames, rows, columns = config.patch
        self.head = nn.Linear(config.dim, config.in_channels * frames * rows * columns)
        self.modulation = nn.Parameter(torch.randn(1, 2, config.dim) / config.dim**0.5)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        """[batch, tokens, dim] and [batch, frames, dim] → [batch, tokens, channels of a patch]."""
        shift, scale = (self.modulation.float() + time[:, :, None]).unbind(2)
        return self.head(modulated(F.layer_norm(x.float(), (self.dim,), eps=self.eps), shift, scale).type_as(x))


class Dit(nn.Module):
    """The whole transformer. Latents and velocities are [batch, 16, frames, rows, columns]."""

    def __init__(self, config: DitConfig):
        super().__init__()
        self.config = config
        dim = config.dim
        self.patch_embedding = nn.Conv3d(config.in_channels, dim, kernel_size=config.patch, stride=config.patch)
        self.text_embedding = nn.Sequential(nn.Linear(config.text_dim, dim), nn.GELU("tanh"), nn.Linear(dim, dim))
        self.time_embedding = nn.Sequential(nn.Linear(config.freq_dim, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.time_projection = nn.Sequential(nn.SiLU(), nn.Linear(dim, 6 * dim))
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.head = Head(config)

    @property
    def dtype(self) -> torch.dtype:
        """Type that tokens are computed in; time and modulation stay float32."""
        return self.patch_embedding.weight.dtype

    def time(self, t: Tensor) -> Time:
        """Modulation for times `t` [batch, frames], float32 in [0, 1000]: 937.5 does not exist in bfloat16."""
        embedded = self.time_embedding(sinusoid(t, self.config.freq_dim))
        return embedded, self.time_projection(embedded).unflatten(-1, (6, -1))

    def embed_text(self, embeddings: Tensor) -> Tensor:
        """Encoder output [batch, text_length, text_dim] → [batch, text_length, dim]."""
        return self.text_embedding(embeddings.to(self.dtype))

    def embed(self, x: Tensor) -> Tensor:
        """Latents → tokens [batch, frames · rows / 2 · columns / 2, dim]."""
        return self.patch_embedding(x.to(self.dtype)).flatten(2).transpose(1, 2)

    def forward(
        self,
        tokens: Tensor,
        shape: tuple[int, int, int],
        time: Time,
        rope: Rope,
        caches: list[LayerCache] | None,
        segments: list[Segment],
        text: list[TextKeys],
        hints: dict[int, Tensor] | None = None,
    ) -> Tensor:
        """Velocity of embedded latents of `shape` (frames, rows, columns), float32.

        `hints` holds what VACE adds after a main layer, by that layer's index.
        """
        for index, block in enumerate(self.blocks):
            cache = None if caches is None else caches[index]
            tokens = block(tokens, time[1], rope, cache, segments, text[index])
            if hints is not None and index in hints:
                tokens = tokens + hints[index]
        return self._unpatch(self.head(tokens, time[0]), shape).float()

    def _unpatch(self, patches: Tensor, shape: tuple[int, int, int]) -> Tensor:
        frames, rows, columns = (size // patch for size, patch in zip(shape, self.config.patch, strict=True))
        split = patches.unflatten(1, (frames, rows, columns)).unflatten(-1, (*self.config.patch, -1))
        return split.permute(0, 7, 1, 4, 2, 5, 3, 6).flatten(6, 7).flatten(4, 5).flatten(2, 3)


def project_text(blocks: nn.ModuleList, embedded: Tensor) -> list[TextKeys]:
    """Keys and values of an embedded prompt for every block, to be kept while the prompt stays."""
    return [block.cross_attn.keys(embedded) for block in cast("list[Block]", blocks)]
