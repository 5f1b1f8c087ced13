"""Stutter: the first moments of a beat again and again."""

import math
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.tempo import place
from scope_gpu.image.ring import put, start_ring, taken
from scope_gpu.plugin.controls import choice, slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# So many frames are kept, which is the longest piece: 44 MB at 1280x720, 99 MB at 1920x1080.
SLOTS = 16
# Seconds of a beat without a tempo.
_PERIOD = 0.25


class StutterFields(BaseModel):
    group: ClassVar[str] = "Time"

    stutter: float = unit_slider("Stutter", "Share of the beats that stick at their beginning and repeat it")
    stutter_repeats: int = slider("Stutter repeats", "How often the beginning is seen within a beat", 4, 2, 16)
    stutter_way: Literal["forwards", "back and forth"] = choice(
        "Stutter way", "Every repeat from its beginning, or every other one backwards", "forwards"
    )


class Numbers(NamedTuple):
    """`slot`: of the piece's frame that is written or seen. `live`: 1 where the present is seen, else 0."""

    slot: float
    live: float


class Stutter(Effect):
    """The frames of the first piece of a beat are kept as they come, and seen in place of the later ones."""

    fields = StutterFields
    pulses = False

    def numbers(self, p: StutterFields, context: Context) -> Numbers:
        beats = place(context, 1.0, _PERIOD)
        number = math.floor(beats)
        frames = 1.0 / ((context.beat.per_second if context.beat else 1.0 / _PERIOD) * context.elapsed)
        # A longer piece than there are slots becomes several.
        length = max(1, min(SLOTS, round(frames / p.stutter_repeats)))
        frame = math.floor((beats - number) * frames)
        piece, slot = divmod(frame, length)
        if p.stutter_way == "back and forth" and piece % 2:
            slot = length - 1 - slot
        # Beats that stick are as evenly spread as can be: one in four is the last of the bar.
        sticks = math.floor((number + 1) * p.stutter) > math.floor(number * p.stutter)
        return Numbers(float(slot), float(piece == 0 or not sticks))

    def apply(self, frame: Tensor, n: Numbers, plan: None, memory: Memory) -> Tensor:
        if "ring" not in memory:
            memory["ring"] = start_ring(frame, SLOTS)
        ring = memory["ring"]
        seen = torch.lerp(taken(ring, n.slot), frame, n.live)
        put(ring, n.slot, seen)
        return seen
