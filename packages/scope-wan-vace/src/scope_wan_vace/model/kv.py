"""Keys and values of the frames that attention can still see, written in place: [sink | ring | references].

A slot holds one block of latent frames. The first blocks fill the slots in order, so that what is visible is
always a prefix; from then on a new block overwrites the oldest one behind the sink. Order inside the cache
does not matter to attention (positions are in the keys), so nothing is ever rolled.

The sink keeps a constant distance to the newest block, as LongLive's endless configuration has it: its keys are
turned on, chunk by chunk, from a copy that stays as it was first written, so that nothing drifts.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from scope_wan_vace.catalogue import StreamConfig
from scope_wan_vace.model.config import DitConfig
from scope_wan_vace.model.rope import frame_shift, rotate


class Segment(NamedTuple):
    """Tokens written and attended together.

    Attributes:
        write: their places in the cache [tokens], int64.
        visible: how many tokens from the cache's start they attend to, themselves included.
    """

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
    """The caches of all layers; capacity is fixed.

    Args:
        frame_tokens: tokens of one latent frame.
        references: frames that may be seen besides the window, without being kept.
    """

    def __init__(
        self,
        config: DitConfig,
        stream: StreamConfig,
        frame_tokens: int,
        device: torch.device,
        dtype: torch.dtype,
        references: int = 0,
    ):
        self.stream, self.frame_tokens, self.block_tokens = stream, frame_tokens, stream.block * frame_tokens
        self.slots, self.sink_slots = stream.window // stream.block, stream.sink // stream.block
        shape = (1, (stream.window + references) * frame_tokens, config.heads, config.head_dim)

        def empty(tokens: int) -> Tensor:
            return torch.zeros(1, tokens, *shape[2:], device=device, dtype=dtype)

        self.layers = [LayerCache(empty(shape[1]), empty(shape[1])) for _ in range(config.layers)]
        self._sinks = [empty(stream.sink * frame_tokens) for _ in range(config.layers)] if stream.sink else []
        self._places = torch.arange(shape[1], device=device)
        self.clear()

    def clear(self) -> None:
        """Forget everything; memory is kept."""
        self._sink_start = self._sink_now = 0

    def slot(self, index: int) -> int:
        """Slot of a film's `index`-th block."""
        if index < self.slots:
            return index
        return self.sink_slots + (index - self.sink_slots) % (self.slots - self.sink_slots)

    def is_full(self, index: int) -> bool:
        """Whether the `index`-th block sees a whole window."""
        return index + 1 >= self.slots

    def visible(self, index: int) -> int:
        """Tokens that the `index`-th block sees, itself included."""
        return min(index + 1, self.slots) * self.block_tokens

    def segment(self, index: int, references: int = 0) -> Segment:
        """Where the `index`-th block goes, with `references` frames before it that are not to be kept.

        Those frames are written just behind the visible slots, where the next block or nothing at all lives, and are
        overwritten by the next call.
        """
        visible, extra = self.visible(index), references * self.frame_tokens
        write = self._block(self.slot(index))
        if not extra:
            return Segment(write, visible)
        return Segment(torch.cat([self._places[visible : visible + extra], write]), visible + extra)

    def segment_of(self, slots: Sequence[int], last: int) -> Segment:
        """All of `slots` written at once, seeing what the `last`-th block sees."""
        return Segment(torch.cat([self._block(slot) for slot in slots]), self.visible(last))

    def _block(self, slot: int) -> Tensor:
        return self._places[slot * self.block_tokens : (slot + 1) * self.block_tokens]

    def keep_sink(self, start: int) -> None:
        """Remember the sink's keys as they are now, written for a first frame at position `start`."""
        for kept, cache in zip(self._sinks, self.layers, strict=False):
            kept.copy_(cache.k[:, : kept.shape[1]])
        self._sink_start = self._sink_now = start

    def turn_sink(self, frame: int) -> None:
        """Move the sink to the start of the window that ends with the block at position `frame`."""
        start = max(self._sink_start, frame + self.stream.block - self.stream.window)
        if not self._sinks or start == self._sink_now:
            return
        shift = frame_shift(start - self._sink_start, self._sinks[0].shape[-1], self._places.device)
        for kept, cache in zip(self._sinks, self.layers, strict=True):
            cache.k[:, : kept.shape[1]].copy_(rotate(kept, shift))
        self._sink_now = start

    @property
    def bytes(self) -> int:
        """Memory of all layers."""
        return sum(cache.k.nbytes + cache.v.nbytes for cache in self.layers) + sum(kept.nbytes for kept in self._sinks)
