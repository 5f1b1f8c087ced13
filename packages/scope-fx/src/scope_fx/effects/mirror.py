"""Mirror: one half or quarter of the picture, reflected onto the rest."""

from typing import ClassVar, Literal

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.plugin.controls import choice
from scope_gpu.plugin.effect import Context, Effect, Memory

type Halves = tuple[tuple[int, bool], ...]

# For each choice: the halves that are kept, as (dimension, whether the first half stays).
_KEPT: dict[str, Halves] = {
    "left": ((-1, True),),
    "right": ((-1, False),),
    "top": ((-2, True),),
    "bottom": ((-2, False),),
    "quarters": ((-1, True), (-2, True)),
}


class MirrorFields(BaseModel):
    group: ClassVar[str] = "Geometry"

    mirror: Literal["off", "left", "right", "top", "bottom", "quarters"] = choice(
        "Mirror", "The half of the picture that is kept and reflected; quarters keeps the top left", "off"
    )


class Mirror(Effect):
    """Keeps a half, or the top left quarter, and reflects it."""

    fields = MirrorFields
    keeps_state = False
    pulses = False

    def is_on(self, p: MirrorFields) -> bool:
        return p.mirror != "off"

    def variant(self, p: MirrorFields, context: Context) -> Halves:
        return _KEPT[p.mirror]

    def maps(self, size: tuple[int, int], device: torch.device, variant: Halves) -> Halves:
        return variant

    def apply(self, frame: Tensor, n: tuple[()], plan: Halves, memory: Memory) -> Tensor:
        for dim, first in plan:
            frame = _reflect(frame, dim, first)
        return frame


def _reflect(frame: Tensor, dim: int, first: bool) -> Tensor:
    size = frame.shape[dim]
    half = size - size // 2
    kept = frame.narrow(dim, 0 if first else size - half, half)
    # In an odd size the middle line is shared.
    other = frame.narrow(dim, half if first else 0, size - half)
    other.copy_(kept.narrow(dim, 0 if first else half - other.shape[dim], other.shape[dim]).flip(dim))
    return frame
