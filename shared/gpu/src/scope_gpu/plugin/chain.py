"""Effects one after the other, and what has to be kept for them."""

import itertools
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from scope_gpu.image.bands import in_bands
from scope_gpu.plugin.clock import FRAME_INTERVAL, Moment
from scope_gpu.plugin.effect import Context, Effect, Memory

VARIANTS_KEPT = 4
"""How many variants of an effect keep their maps: enough to go back and forth between a few choices."""

LONGEST_ELAPSED = 0.25
"""In seconds: after a longer pause, or a jump back, motion goes on as if a frame had passed."""

PARTS = 3000
"""Of a second, in which the time between two frames is counted: 24, 25, 30, 50 and 60 a second are whole numbers of it."""

START = Moment(seconds=0.0, index=0)


class Chain:
    """Runs effects in their order, frame by frame, and owns their maps, plans and memories.

    On a CPU neighbouring pointwise effects share one pass in bands; on a GPU the numbers of all effects travel in one
    copy.

    Args:
        effects: in the order in which they are applied.
        device: where the frames are.
    """

    def __init__(self, effects: Sequence[Effect], device: torch.device | str) -> None:
        self._device = torch.device(device)
        self._slots = [_Slot(effect, self._device) for effect in effects]
        self._seconds: float | None = None

    def is_on(self, p: Any) -> bool:
        """Whether any effect does anything. Effects that are off forget earlier frames."""
        return bool(self._active(p))

    def reset(self) -> None:
        """Forget earlier frames. Maps and plans stay: they do not depend on frames."""
        self._seconds = None
        for slot in self._slots:
            slot.memory.clear()

    def __call__(self, frames: Tensor, p: Any, moment: Moment = START, seed: int = 0) -> Tensor:
        """TCHW [0, 1] to TCHW under the controls `p`; `frames` itself where no effect is on, else written over."""
        slots = self._active(p)
        if not slots:
            return frames
        made = [self._one(frame, slots, p, moment.after(i), seed) for i, frame in enumerate(frames.split(1))]
        return made[0] if len(made) == 1 else torch.cat(made)

    def _active(self, p: Any) -> list["_Slot"]:
        active = []
        for slot in self._slots:
            if slot.effect.is_on(p):
                active.append(slot)
            else:
                slot.memory.clear()
        return active

    def _one(self, frame: Tensor, slots: list["_Slot"], p: Any, moment: Moment, seed: int) -> Tensor:
        context = self._context(frame, moment, seed)
        numbers: list[Any] = [slot.effect.numbers(p, context) for slot in slots]
        if self._device.type != "cpu":
            numbers = as_tensors(numbers, self._device)
        steps = [slot.step(p, context, n) for slot, n in zip(slots, numbers, strict=True)]
        for pointwise, group in itertools.groupby(steps, key=lambda step: step.effect.pointwise):
            run = list(group)
            frame = _banded(run, frame) if pointwise and self._device.type == "cpu" else _whole(run, frame)
        return frame

    def _context(self, frame: Tensor, moment: Moment, seed: int) -> Context:
        elapsed = FRAME_INTERVAL if self._seconds is None else moment.seconds - self._seconds
        self._seconds = moment.seconds
        if not 0.0 < elapsed <= LONGEST_ELAPSED:
            elapsed = FRAME_INTERVAL
        # In whole parts of a second, so that at a steady pace it is the same number with every frame and plans stay.
        elapsed = round(elapsed * PARTS) / PARTS
        return Context(*frame.shape[-2:], moment.seconds, moment.index, elapsed, seed, moment.beat)


def run_effect(effect: Effect, frames: Tensor, moment: Moment = START, seed: int = 0, **controls: Any) -> Tensor:
    """One effect alone, for tests and notebooks: `run_effect(Vignette(), frames, vignette=0.5)`.

    Controls that are not named have their defaults.

    Raises:
        pydantic.ValidationError: a control is out of range.
    """
    with torch.inference_mode():
        p = effect.fields(**controls)
        return Chain([effect], frames.device)(frames.clone(), p, moment, seed) if effect.is_on(p) else frames


@dataclass(frozen=True)
class _Step:
    """An effect with all it needs for one frame."""

    effect: Effect
    numbers: Any
    plan: Any
    memory: Memory

    def __call__(self, frame: Tensor, plan: Any) -> Tensor:
        return self.effect.apply(frame, self.numbers, plan, self.memory)


class _Slot:
    """An effect's place in a chain: what is kept for it."""

    def __init__(self, effect: Effect, device: torch.device) -> None:
        self.effect = effect
        self.memory: Memory = {}
        self._device = device
        self._size = (0, 0)
        self._maps: OrderedDict[Hashable, Any] = OrderedDict()
        self._planned: tuple[Any, Any] = (None, None)

    def step(self, p: Any, context: Context, numbers: Any) -> _Step:
        size = (context.height, context.width)
        if size != self._size:
            self._size = size
            self.memory.clear()
            self._maps.clear()
            self._planned = (None, None)
        return _Step(self.effect, numbers, self._plan(self.effect.variant(p, context), numbers), self.memory)

    def _plan(self, variant: Hashable, numbers: Any) -> Any:
        if self._device.type != "cpu":
            # To compare numbers there would be to wait for them.
            return self.effect.plan(numbers, self._maps_for(variant))
        key = (variant, _read_by_plan(self.effect, numbers))
        if self._planned[0] != key:
            self._planned = (key, self.effect.plan(numbers, self._maps_for(variant)))
        return self._planned[1]

    def _maps_for(self, variant: Hashable) -> Any:
        if variant not in self._maps:
            self._maps[variant] = self.effect.maps(self._size, self._device, variant)
            if len(self._maps) > VARIANTS_KEPT:
                self._maps.popitem(last=False)
        self._maps.move_to_end(variant)
        return self._maps[variant]


def _read_by_plan(effect: Effect, numbers: Any) -> Any:
    if not effect.apply_only:
        return numbers
    return [value for name, value in zip(numbers._fields, numbers, strict=True) if name not in effect.apply_only]


def _whole(steps: list[_Step], frame: Tensor) -> Tensor:
    for step in steps:
        frame = step(frame, step.plan)
    return frame


def _banded(steps: list[_Step], frame: Tensor) -> Tensor:
    def through(band: Tensor, plans: tuple[Any, ...]) -> Tensor:
        for step, plan in zip(steps, plans, strict=True):
            band = step(band, plan)
        return band

    return in_bands(through, frame, tuple(step.plan for step in steps))


def as_tensors(numbers: list[Any], device: torch.device) -> list[Any]:
    """The numbers of effects as 0-dim float32 views of one vector on the device, which travels without a wait."""
    flat = torch.tensor(list(_flat(numbers)), dtype=torch.float32)
    if device.type == "cuda":
        flat = flat.pin_memory()
    values = iter(flat.to(device, non_blocking=True).unbind())
    return [_replaced(group, values) for group in numbers]


def _flat(group: Any) -> Iterator[float]:
    for value in group:
        yield from _flat(value) if isinstance(value, tuple | list) else (value,)


def _replaced(group: Any, values: Iterator[Tensor]) -> Any:
    if not isinstance(group, tuple | list):
        return next(values)
    made = [_replaced(value, values) for value in group]
    # A named tuple takes its entries one by one.
    return type(group)(*made) if hasattr(group, "_fields") else tuple(made)
