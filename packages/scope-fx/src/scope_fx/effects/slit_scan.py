"""Slit-scan: every line of the picture shows another time."""

from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.ring import from_bytes, put, start_ring
from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# So many frames are kept: 88 MB at 1280x720, 199 MB at 1920x1080.
SLOTS = 32
# In seconds, at amount 1.
_LONGEST = 1.0


class SlitScanFields(BaseModel):
    group: ClassVar[str] = "Time"

    slit_scan: float = unit_slider("Slit-scan", "Lines come ever later, by up to a second: what moves bends")
    slit_scan_direction: Literal["down", "up", "right", "left", "outwards"] = choice(
        "Slit-scan direction", "Where the picture is oldest", "down"
    )


class Numbers(NamedTuple):
    """`now`: the slot of the present frame. `span`: how many frames the oldest line lags."""

    now: float
    span: float


class Maps(NamedTuple):
    """`share` (L,): of the span by which each line lags, 0 to 1."""

    share: Tensor
    upright: bool


class SlitScan(Effect):
    """A line between two frames is a mix of both, so that time bends without steps. Frames are kept line by line, and a
    line is read as one piece.
    """

    fields = SlitScanFields
    pulses = False

    def variant(self, p: SlitScanFields, context: Context) -> str:
        return p.slit_scan_direction

    def maps(self, size: tuple[int, int], device: torch.device, variant: str) -> Maps:
        upright = variant in ("right", "left")
        place = torch.linspace(0.0, 1.0, size[1] if upright else size[0], device=device)
        share = {"outwards": (2.0 * place - 1.0).abs(), "up": 1.0 - place, "left": 1.0 - place}.get(variant, place)
        return Maps(share, upright)

    def numbers(self, p: SlitScanFields, context: Context) -> Numbers:
        span = min(p.slit_scan * _LONGEST / context.elapsed, SLOTS - 1.0)
        return Numbers(float(context.index % SLOTS), max(span, 1.0))

    def apply(self, frame: Tensor, n: Numbers, plan: Maps, memory: Memory) -> Tensor:
        turn = (2, 0, 1) if plan.upright else (1, 0, 2)
        lines = frame[0].permute(turn)
        flat = lines.reshape(1, lines.shape[0], -1)
        key, other = ("columns", "rows") if plan.upright else ("rows", "columns")
        memory.pop(other, None)
        if key not in memory:
            memory[key] = start_ring(flat, SLOTS)
        put(memory[key], n.now, flat)
        made = between(memory[key], n.now, plan.share * n.span)
        lines.copy_(made.view(lines.shape))
        return frame


def between(ring: Tensor, now: float | Tensor, late: Tensor) -> Tensor:
    """Each line (L,) of a ring (N, L, M), so many frames before `now`, as (L, M) in [0, 1]; parts of frames are mixed."""
    whole = late.floor()
    slots, lines = ring.shape[:2]
    at = torch.arange(lines, device=ring.device)

    def picked(age: Tensor) -> Tensor:
        slot = (now - age).remainder(slots).to(torch.int64)
        return from_bytes(ring.view(slots * lines, -1).index_select(0, slot * lines + at))

    older = (whole + 1.0).clamp(max=slots - 1.0)
    return picked(whole).lerp_(picked(older), (late - whole)[:, None])
