"""The last pictures on a ring, as bytes: a quarter of the memory of floats, and what most sources have anyway."""

import torch
from torch import Tensor


def start_ring(picture: Tensor, slots: int) -> Tensor:
    """A ring on which a picture 1S in [0, 1], S of any shape, lies in every slot: (slots, S) uint8, made once."""
    return _bytes(picture).expand(slots, *picture.shape[1:]).clone(memory_format=torch.contiguous_format)


def put(ring: Tensor, slot: float | Tensor, picture: Tensor) -> None:
    """Lay a picture 1S in [0, 1] into a slot. A 0-dim tensor as slot is not waited for."""
    if isinstance(slot, Tensor):
        ring.index_copy_(0, slot.to(torch.int64).view(1), _bytes(picture))
    else:
        ring[int(slot)].copy_(_bytes(picture)[0])


def taken(ring: Tensor, slot: float | Tensor) -> Tensor:
    """The picture in a slot, 1S float32 in [0, 1], to the nearest of 256 steps."""
    if isinstance(slot, Tensor):
        return from_bytes(ring.index_select(0, slot.to(torch.int64).view(1)))
    return from_bytes(ring[int(slot)][None])


def from_bytes(values: Tensor) -> Tensor:
    return values.to(torch.float32).mul_(1.0 / 255.0)


def _bytes(picture: Tensor) -> Tensor:
    return (picture * 255.0).add_(0.5).to(torch.uint8)
