"""Mirror: one half or quarter of the picture, reflected onto the rest."""

import torch
from torch import Tensor

# For each choice: the halves that are kept, as (dimension, whether the first half stays).
_KEPT = {
    "off": (),
    "left": ((-1, True),),
    "right": ((-1, False),),
    "top": ((-2, True),),
    "bottom": ((-2, False),),
    "quarters": ((-1, True), (-2, True)),
}


def mirror(frames: Tensor, kept: str) -> Tensor:
    """Keep the half of TCHW that `kept` names and reflect it; "quarters" keeps the top left, "off" everything."""
    for dim, first in _KEPT[kept]:
        frames = _reflect(frames, dim, first)
    return frames


def _reflect(frames: Tensor, dim: int, first: bool) -> Tensor:
    size = frames.shape[dim]
    half = size - size // 2
    kept = frames.narrow(dim, 0 if first else size - half, half)
    turned = kept.flip(dim)
    # In an odd size the middle line is shared.
    spare = half - size // 2
    if first:
        return torch.cat((kept, turned.narrow(dim, spare, size - half)), dim)
    return torch.cat((turned.narrow(dim, 0, size - half), kept), dim)
