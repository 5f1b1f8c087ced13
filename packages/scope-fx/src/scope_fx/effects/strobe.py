"""Strobe: flashes on the beat."""

from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.tempo import SAFE_RATE, count, place
from scope_gpu.plugin.controls import choice, slider, toggle, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Seconds between flashes without a tempo.
_PERIOD = 0.5
# Before the first flash.
_LONG_AGO = 1e3


class StrobeFields(BaseModel):
    group: ClassVar[str] = "Time"

    strobe: float = unit_slider("Strobe", "Flashes on the beat, at most three a second unless that is allowed below")
    strobe_mode: Literal["dark", "white", "negative"] = choice(
        "Strobe mode", "The picture flashes up out of the dark, turns white, or turns negative", "dark"
    )
    strobe_decay: float = slider("Strobe decay", "How fast a flash dies away: e-foldings a beat", 4.0, 1.0, 12.0)
    strobe_unlimited: bool = toggle(
        "Strobe unlimited", "Allow more than three flashes a second. Warning: they can trigger epileptic seizures"
    )


class Numbers(NamedTuple):
    """`begun`: 1 where a beat has begun since the last frame, `age` seconds ago, else 0. `apart`: the least time between
    flashes. `decay`: in e-foldings a second.
    """

    amount: float
    begun: float
    age: float
    elapsed: float
    apart: float
    decay: float


class Strobe(Effect):
    """The light of a flash falls by exp(-decay phase).

    How long ago the last flash was is remembered, and a beat that comes sooner than a third of a second after it brings
    none: so the limit holds whatever a host's tempo does (WCAG 2.3.1: three flashes a second or less).
    """

    fields = StrobeFields
    pulses = False

    def variant(self, p: StrobeFields, context: Context) -> str:
        return p.strobe_mode

    def maps(self, size: tuple[int, int], device: torch.device, variant: str) -> str:
        return variant

    def numbers(self, p: StrobeFields, context: Context) -> Numbers:
        begun = count(context, 1.0, _PERIOD) != count(context, 1.0, _PERIOD, ago=context.elapsed)
        rate = context.beat.per_second if context.beat else 1.0 / _PERIOD
        age = place(context, 1.0, _PERIOD) % 1.0 / rate
        # A little less than a third of a second: a beat may fall between frames.
        apart = 0.0 if p.strobe_unlimited else 1.0 / SAFE_RATE - 1e-3
        return Numbers(p.strobe, float(begun), age, context.elapsed, apart, p.strobe_decay * rate)

    def apply(self, frame: Tensor, n: Numbers, plan: str, memory: Memory) -> Tensor:
        since = memory.get("since", frame.new_full((), _LONG_AGO)) + n.elapsed
        flash = (since >= n.apart).to(frame.dtype) * n.begun
        since = torch.lerp(since, torch.zeros_like(since) + n.age, flash)
        memory["since"] = since
        light = torch.exp(since * -n.decay)
        if plan == "dark":
            return frame.mul_(1.0 - n.amount * (1.0 - light))
        share = light * n.amount
        if plan == "white":
            return frame.mul_(1.0 - share).add_(share)
        return frame.mul_(1.0 - 2.0 * share).add_(share)
