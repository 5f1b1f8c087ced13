"""RGB delay: red and green come late, so that motion leaves colored ghosts and rest stays white."""

from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.ring import put, start_ring, taken
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Red and green of so many frames: 59 MB at 1280x720, 133 MB at 1920x1080.
SLOTS = 32


class RgbDelayFields(BaseModel):
    group: ClassVar[str] = "Time"

    rgb_delay: float = unit_slider("RGB delay", "Red and green come late: motion leaves colored ghosts")
    rgb_delay_time: float = slider("RGB delay time", "How late red is, in seconds; green half as late", 0.2, 0.04, 1.0)


class Numbers(NamedTuple):
    """Slots of the present frame and of those that red and green come from."""

    amount: float
    now: float
    red: float
    green: float


class RgbDelay(Effect):
    """Blue is the present, green the frame `time` / 2 ago, red that of `time` ago; the last 31 frames are kept."""

    fields = RgbDelayFields
    pulses = False

    def numbers(self, p: RgbDelayFields, context: Context) -> Numbers:
        def slot(seconds: float) -> float:
            return float((context.index - min(max(1, round(seconds / context.elapsed)), SLOTS - 1)) % SLOTS)

        late = p.rgb_delay_time
        return Numbers(p.rgb_delay, float(context.index % SLOTS), slot(late), slot(0.5 * late))

    def apply(self, frame: Tensor, n: Numbers, plan: None, memory: Memory) -> Tensor:
        late = frame[:, :2]
        if "ring" not in memory:
            memory["ring"] = start_ring(late, SLOTS)
        ring = memory["ring"]
        put(ring, n.now, late)
        past = torch.cat((taken(ring[:, :1], n.red), taken(ring[:, 1:], n.green)), dim=1)
        late.lerp_(past, n.amount)
        return frame
