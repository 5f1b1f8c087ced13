"""Time echo: the picture repeats itself, a few moments late, each time fainter."""

from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.bands import in_bands
from scope_gpu.image.ring import put, start_ring, taken
from scope_gpu.plugin.controls import choice, slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# So many frames are kept: 88 MB at 1280x720, 199 MB at 1920x1080.
SLOTS = 32
REPEATS = 3
# What the tint takes of red, green and blue from each repeat: magenta, violet, blue.
_TINTS = ((0.0, 0.75, 0.15), (0.35, 0.85, 0.0), (0.85, 0.55, 0.0))


class EchoFields(BaseModel):
    group: ClassVar[str] = "Time"

    echo: float = unit_slider("Echo", "Strength of the repeats, each so much fainter than the one before")
    echo_mode: Literal["lighten", "darken", "blend"] = choice(
        "Echo mode", "Repeats show where they are brighter, where they are darker, or all over", "lighten"
    )
    echo_time: float = slider("Echo time", "Seconds between repeats", 0.16, 0.04, 0.33)
    echo_tint: float = unit_slider("Echo tint", "Color the repeats from magenta to blue", 0.0)


class Numbers(NamedTuple):
    """`now`: the slot of the present frame; `slots` those of the repeats, `weights` how much of each is seen; `tints`
    what is left of its red, green and blue.
    """

    now: float
    slots: tuple[float, ...]
    weights: tuple[float, ...]
    tints: tuple[tuple[float, ...], ...]


class Echo(Effect):
    """Three repeats, of whole frames out of the last 31."""

    fields = EchoFields
    pulses = False

    def variant(self, p: EchoFields, context: Context) -> str:
        return p.echo_mode

    def maps(self, size: tuple[int, int], device: torch.device, variant: str) -> str:
        return variant

    def numbers(self, p: EchoFields, context: Context) -> Numbers:
        step = min(max(1.0, p.echo_time / context.elapsed), (SLOTS - 1) / REPEATS)
        ages = [round(number * step) for number in range(1, REPEATS + 1)]
        weights = tuple(p.echo**number for number in range(1, REPEATS + 1))
        tints = tuple(tuple(1.0 - p.echo_tint * taken for taken in tint) for tint in _TINTS)
        return Numbers(
            float(context.index % SLOTS), tuple(float((context.index - a) % SLOTS) for a in ages), weights, tints
        )

    def apply(self, frame: Tensor, n: Numbers, plan: str, memory: Memory) -> Tensor:
        if "ring" not in memory:
            memory["ring"] = start_ring(frame, SLOTS)
        put(memory["ring"], n.now, frame)
        # From the oldest to the youngest, which lies on top.
        for slot, weight, tint in reversed(list(zip(n.slots, n.weights, n.tints, strict=True))):
            repeat = taken(memory["ring"], slot)
            for plane, left in zip(repeat.unbind(1), tint, strict=True):
                plane.mul_(left)
            frame = in_bands(lambda band, beside: over(band, *beside, plan), frame, (repeat, weight))
        return frame


def over(frame: Tensor, repeat: Tensor, weight: float | Tensor, mode: str) -> Tensor:
    """A repeat on a frame, both 1CHW [0, 1]; the frame itself at weight 0."""
    if mode == "lighten":
        return torch.maximum(frame, repeat * weight)
    if mode == "darken":
        return torch.minimum(frame, 1.0 - (1.0 - repeat) * weight)
    return torch.lerp(frame, repeat, weight * 0.6)
