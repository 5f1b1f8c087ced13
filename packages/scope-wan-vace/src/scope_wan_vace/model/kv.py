"""Keys and values of the frames that attention can still see, written in place: [sink | ring].

A slot holds one block of latent frames. The first blocks fill the slots in order, so that what is visible is
always a prefix; from then on a new block overwrites the oldest one behind the sink. Order inside the cache
does not matter to attention (positions are in the keys), so nothing is ever rolled or copied.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from scope_wan_vace.catalogue import StreamConfig
from scope_wan_vace.model.config import DitConfig


class Segment(NamedTuple):
    """Tokens written and attended together.

    Attributes:
        tokens: how many of them.
        write: their places in the cache [tokens], int64.
        visible: how many tokens from the cache's start they attend to, themselves included.
    """

    tokens: int
    write: Tensor
    visible: int


class LayerCache(NamedTuple):
    """Keys and values of one layer, [batch, capacity, heads, head_dim]."""

    k: Tensor
    v: Tensor

    def write(self, k: Tensor, v: Tensor, segment: Segment) -> tuple[Tensor, Tensor]:
        """Store in place and return views of all that the segment may see."""
        self.k.index_copy_(1, segment.write, k)
        self.v.index_copy_(1, segment.write, v)
        return self.k[:, : segment.visible], self.v[:, : segment.visible]


class KvRing:
    """The caches of all layers and the place of the next block.

    Args:
        frame_tokens: tokens of one latent frame.
    """

    def __init__(
        self,
        config: DitConfig,
        stream: StreamConfig,
        frame_tokens: int,
        device: torch.device,
        dtype: torch.dtype,
        batch: int = 1,
    ):
        self.frame_tokens, self.block_tokens = frame_tokens, stream.block * frame_tokens
        self.slots, self.sink_slots = stream.window // stream.block, stream.sink // stream.block
        self._spare = 0
        shape = (batch, self.slots * self.block_tokens, config.heads, config.head_dim)
        self.layers = [
            LayerCache(torch.zeros(shape, device=device, dtype=dtype), torch.zeros(shape, device=device, dtype=dtype))
            for _ in range(config.layers)
        ]
        self._places = torch.arange(shape[1], device=device)
        self.count = 0

    def clear(self) -> None:
        """Forget everything; memory is kept."""
        self.count = 0

    def clear_ring(self) -> None:
        """Forget all but the sink, so that the blocks behind it can be written anew in order."""
        self.count = min(self.count, self.sink_slots)

    def slot(self, index: int) -> int:
        """Slot of the block that is the `index`-th since the last clear."""
        if index < self.slots:
            return index
        return self.sink_slots + (index - self.sink_slots) % (self.slots - self.sink_slots)

    def segment(self, index: int, extra_frames: int = 0) -> Segment:
        """Where the `index`-th block goes, with `extra_frames` frames before it that are not to be kept.

        Those frames (reference images) are written just behind the visible slots, where the next block or
        nothing at all lives, and are overwritten by the next call.
        """
        filled = min(index + 1, self.slots) * self.block_tokens
        start = self.slot(index) * self.block_tokens
        write = self._places[start : start + self.block_tokens]
        if not extra_frames:
            return Segment(self.block_tokens, write, filled)
        extra = extra_frames * self.frame_tokens
        self._reserve(extra)
        write = torch.cat([self._places[filled : filled + extra], write])
        return Segment(self.block_tokens + extra, write, filled + extra)

    def _reserve(self, tokens: int) -> None:
        """Grow once by as many tokens as the reference frames need."""
        missing = tokens - self._spare
        if missing <= 0:
            return
        self.layers = [LayerCache(_grown(cache.k, missing), _grown(cache.v, missing)) for cache in self.layers]
        self._places = torch.arange(self.layers[0].k.shape[1], device=self._places.device)
        self._spare = tokens

    @property
    def bytes(self) -> int:
        """Memory of all layers."""
        return sum(cache.k.nbytes + cache.v.nbytes for cache in self.layers)


def _grown(cache: Tensor, tokens: int) -> Tensor:
    shape = (cache.shape[0], tokens, *cache.shape[2:])
    return torch.cat([cache, torch.zeros(shape, device=cache.device, dtype=cache.dtype)], dim=1)
