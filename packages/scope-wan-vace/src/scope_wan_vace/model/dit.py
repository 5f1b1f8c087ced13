"""The causal diffusion transformer of Wan2.1 (arXiv 2503.20314) over a ring of cached keys and values.

Module names are those of the original checkpoints, so that a state dict loads as it is. The forward pass is
split into small calls (`time`, `embed_text`, `embed`, `forward`) because a stream repeats them at different
rates: text once a prompt, time once a schedule, blocks every step.
"""

import math
from collections.abc import Callable, Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scope_wan_vace.model.attention import CrossAttention, SelfAttention, TextKeys
from scope_wan_vace.model.config import DitConfig
from scope_wan_vace.model.kv import LayerCache, Segment
from scope_wan_vace.model.rope import Rope

Time = tuple[Tensor, Tensor]  # for the head [batch, frames, dim], for the blocks [batch, frames, 6, dim]; float32


def sinusoid(t: Tensor, channels: int) -> Tensor:
    """Embed times `t` [...] as [..., channels], cosines first (float64 inside, float32 out)."""
    half = channels // 2
    exponent = torch.arange(half, device=t.device, dtype=torch.float64) / half
    angles = t.double()[..., None] * 10000.0**-exponent
    return torch.cat([angles.cos(), angles.sin()], dim=-1).float()


class PatchEmbedding(nn.Module):
    """Patches to tokens: a convolution whose stride is its kernel, computed as one matrix product.

    Tokens come out contiguous, which a convolution's do not: compiled blocks see one layout.
    """

    def __init__(self, channels: int, dim: int, patch: tuple[int, int, int]):
        super().__init__()
        self.patch = patch
        spread = 1 / math.sqrt(channels * math.prod(patch))
        self.weight = nn.Parameter(torch.empty(dim, channels, *patch).uniform_(-spread, spread))
        self.bias = nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channels, frames, rows, columns] → [batch, tokens, dim], frame by frame, row by row."""
        frames, rows, columns = self.patch
        split = x.to(self.weight.dtype).unflatten(4, (-1, columns)).unflatten(3, (-1, rows)).unflatten(2, (-1, frames))
        patches = split.permute(0, 2, 4, 6, 1, 3, 5, 7).flatten(4).flatten(1, 3)
        return F.linear(patches, self.weight.flatten(1), self.bias)


def gelu_of(linear: nn.Module, x: Tensor) -> Tensor:
    """GELU (tanh form) of a linear layer; on CUDA inside the product, which saves a pass over its result."""
    if x.is_cuda and isinstance(linear, nn.Linear):
        out = torch._addmm_activation(linear.bias, x.flatten(0, -2), linear.weight.t(), use_gelu=True)
        return out.unflatten(0, x.shape[:-1])
    return F.gelu(linear(x), approximate="tanh")


class Block(nn.Module):
    """Self-attention, cross-attention and feed-forward, modulated by time frame by frame."""

    def __init__(self, config: DitConfig):
        super().__init__()
        self.dim, self.eps = config.dim, config.eps
        self.self_attn, self.cross_attn = SelfAttention(config), CrossAttention(config)
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
        text: TextKeys,
        cache: LayerCache | None = None,
        segment: Segment | None = None,
        hint: Tensor | None = None,
    ) -> Tensor:
        """One block over `x` [batch, tokens, dim]; `time` is [batch, frames, 6, dim], `hint` is added at the end."""
        shift, scale, gate, ffn_shift, ffn_scale, ffn_gate = (self.modulation.float() + time).unbind(2)
        x = gated(x, self.self_attn(self._norm(x, shift, scale), rope, cache, segment), gate)
        x = x + self.cross_attn(self._cross_norm(x), text)
        x = gated(x, self.ffn[2](gelu_of(self.ffn[0], self._norm(x, ffn_shift, ffn_scale))), ffn_gate)
        return x if hint is None else x + hint

    def _norm(self, x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
        return modulated(F.layer_norm(x.float(), (self.dim,), eps=self.eps), shift, scale).type_as(x)

    def _cross_norm(self, x: Tensor) -> Tensor:
        weight, bias = self.norm3.weight.float(), self.norm3.bias.float()
        return F.layer_norm(x.float(), (self.dim,), weight, bias, self.eps).type_as(x)


RunBlock = Callable[..., Tensor]  # a block and its arguments → its output; plain or compiled


def run_plain(block: nn.Module, *arguments: object) -> Tensor:
    """Run a block as it is."""
    return block(*arguments)


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
        self.head = nn.Linear(config.dim, config.in_channels * math.prod(config.patch))
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
        self.patch_embedding = PatchEmbedding(config.in_channels, dim, config.patch)
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
        return self.patch_embedding(x)

    def forward(
        self,
        tokens: Tensor,
        time: Tensor,
        rope: Rope,
        text: Sequence[TextKeys],
        caches: Sequence[LayerCache] | None = None,
        segment: Segment | None = None,
        hints: dict[int, Tensor] | None = None,
        run: RunBlock = run_plain,
    ) -> Tensor:
        """All blocks over embedded latents [batch, tokens, dim]; `time` is that of the blocks.

        Args:
            hints: what VACE adds after a main layer, by that layer's index.
            run: how a block is run.
        """
        for index, block in enumerate(self.blocks):
            cache = None if caches is None else caches[index]
            tokens = run(block, tokens, time, rope, text[index], cache, segment, (hints or {}).get(index))
        return tokens

    def velocity(self, hidden: Tensor, time: Tensor, shape: tuple[int, int, int]) -> Tensor:
        """Output of the blocks → velocity of latents of `shape` (frames, rows, columns), float32; `time` is the head's."""
        frames, rows, columns = (size // patch for size, patch in zip(shape, self.config.patch, strict=True))
        split = self.head(hidden, time).unflatten(1, (frames, rows, columns)).unflatten(-1, (*self.config.patch, -1))
        return split.permute(0, 7, 1, 4, 2, 5, 3, 6).flatten(6, 7).flatten(4, 5).flatten(2, 3).float()


def project_text(blocks: nn.ModuleList, embedded: Tensor) -> list[TextKeys]:
    """Keys and values of an embedded prompt for every block, to be kept while the prompt stays."""
    return [block.cross_attn.keys(embedded) for block in cast("list[Block]", blocks)]


def fuse_projections(blocks: nn.ModuleList) -> None:
    """Let every self-attention compute its three projections at once."""
    for block in cast("list[Block]", blocks):
        block.self_attn.fuse()
