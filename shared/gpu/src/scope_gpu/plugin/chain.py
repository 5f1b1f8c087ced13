"""Effects one after the other, and what has to be kept for them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from scope_gpu.image.bands import bands, cut, in_bands
from scope_gpu.plugin.clock import FRAME_INTERVAL, Moment
from scope_gpu.plugin.effect import Context, Effect, Memory
from scope_gpu.plugin.frames import fill_thwc

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
        self._planes = torch.empty(0)

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

    def bytes_to_thwc(self, frames: Tensor, p: Any, moment: Moment = START, seed: int = 0) -> Tensor:
        """On a CPU, from a host's THWC uint8 to THWC float32 in [0, 1]; otherwise as a call.

        What comes before the first pointwise effects and after the last, planes and back, happens in their bands.
        """
        slots, height, width = self._active(p), *frames.shape[1:3]
        made = torch.empty((len(frames), height, width, 3))
        if self._planes.shape[-2:] != (height, width):
            self._planes = torch.empty((1, 3, height, width))
        for i, (frame, thwc) in enumerate(zip(frames.split(1), made.split(1), strict=True)):
            context = self._context((height, width), moment.after(i), seed)
            _Passage(frame, self._planes, thwc).through(_runs(self._steps(slots, p, context, is_bytes=True)))
        return made

    def _active(self, p: Any) -> list["_Slot"]:
        active = []
        for slot in self._slots:
            if slot.effect.is_on(p):
                active.append(slot)
            else:
                slot.memory.clear()
        return active

    def _one(self, frame: Tensor, slots: list["_Slot"], p: Any, moment: Moment, seed: int) -> Tensor:
        context = self._context(frame.shape[-2:], moment, seed)
        for run in _runs(self._steps(slots, p, context)):
            frame = run(frame)
        return frame

    def _steps(self, slots: list["_Slot"], p: Any, context: Context, is_bytes: bool = False) -> list["_Step"]:
        first = slots[0].effect
        contexts = [context] * len(slots)
        contexts[0] = replace(context, bytes=is_bytes and first.takes_bytes and first.pointwise)
        numbers: list[Any] = [slot.effect.numbers(p, c) for slot, c in zip(slots, contexts, strict=True)]
        if self._device.type != "cpu":
            numbers = as_tensors(numbers, self._device)
        return [slot.step(p, c, n) for slot, c, n in zip(slots, contexts, numbers, strict=True)]

    def _context(self, size: Sequence[int], moment: Moment, seed: int) -> Context:
        elapsed = FRAME_INTERVAL if self._seconds is None else moment.seconds - self._seconds
        self._seconds = moment.seconds
        if not 0.0 < elapsed <= LONGEST_ELAPSED:
            elapsed = FRAME_INTERVAL
        # In whole parts of a second, so that at a steady pace it is the same number with every frame and plans stay.
        elapsed = round(elapsed * PARTS) / PARTS
        return Context(size[0], size[1], moment.seconds, moment.index, elapsed, seed, moment.beat)


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
    is_bytes: bool

    def seeing(self, frame: Tensor) -> "_Step":
        """The same with what it has seen in the frame."""
        if not self.effect.looks:
            return self
        return replace(self, plan=self.effect.look(frame, self.numbers, self.plan, self.memory))

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
        plan = self.effect.beside(numbers, self._plan(self.effect.variant(p, context), numbers))
        return _Step(self.effect, numbers, plan, self.memory, context.bytes)

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


@dataclass(frozen=True)
class _Run:
    """Neighbouring steps that are done together: a pointwise one with those after it that do not look, or one alone."""

    steps: list[_Step]

    @property
    def pointwise(self) -> bool:
        return self.steps[0].effect.pointwise

    @property
    def looks(self) -> bool:
        return self.steps[0].effect.looks

    def seeing(self, frame: Tensor) -> "_Run":
        return _Run([self.steps[0].seeing(frame), *self.steps[1:]]) if self.looks else self

    def __call__(self, frame: Tensor) -> Tensor:
        run = self.seeing(frame)
        plans = tuple(step.plan for step in run.steps)
        if self.pointwise:
            return in_bands(partial(_through, run.steps), frame, plans)
        return _through(run.steps, frame, plans)


def _runs(steps: list[_Step]) -> list[_Run]:
    runs: list[_Run] = []
    for step in steps:
        if runs and runs[-1].pointwise and step.effect.pointwise and not step.effect.looks:
            runs[-1].steps.append(step)
        else:
            runs.append(_Run([step]))
    return runs


def _through(steps: list[_Step], band: Tensor, plans: tuple[Any, ...]) -> Tensor:
    for step, plan in zip(steps, plans, strict=True):
        band = step(band, plan)
    return band


@dataclass(frozen=True)
class _Passage:
    """A frame's way from a host's bytes over planes, 1CHW, to THWC floats."""

    host: Tensor
    planes: Tensor
    thwc: Tensor

    def through(self, runs: list[_Run]) -> None:
        first, last = runs[0], runs[-1]
        starts = first.pointwise and not first.looks
        steps = first.steps if starts else []
        taking = steps[0] if steps and steps[0].is_bytes else None
        if starts and len(runs) == 1:
            # The same few rows of the planes for every band: they stay in the cache.
            self._in_bands(steps[bool(taking) :], partial(self._read, taking, stays=True), self._write)
            return
        self._in_bands(steps[bool(taking) :], partial(self._read, taking), self._keep)
        frame = self.planes
        for run in runs[starts : len(runs) - last.pointwise]:
            frame = run(frame)
        after = last.seeing(frame).steps if last.pointwise else []
        self._in_bands(after, lambda band: frame[..., band, :], self._write)

    def _in_bands(
        self, steps: list[_Step], read: Callable[[slice], Tensor], write: Callable[[slice, Tensor], object]
    ) -> None:
        height, plans = self.host.shape[1], tuple(step.plan for step in steps)
        for band in bands(height):
            write(band, _through(steps, read(band), cut(plans, band, height)))

    def _read(self, taking: _Step | None, band: slice, stays: bool = False) -> Tensor:
        """A band of the host's as planes, by the step that takes bytes if there is one."""
        host = self.host[:, band, :, :3].permute(0, 3, 1, 2)
        into = self.planes[..., slice(band.stop - band.start) if stays else band, :]
        if taking is None:
            return into.copy_(host).div_(255.0)
        return taking.effect.apply_bytes(host, into, taking.numbers, cut(taking.plan, band, self.host.shape[1]))

    def _keep(self, band: slice, made: Tensor) -> None:
        part = self.planes[..., band, :]
        # Most steps work in place.
        if made.data_ptr() != part.data_ptr():
            part.copy_(made)

    def _write(self, band: slice, made: Tensor) -> None:
        fill_thwc(self.thwc[:, band], made)


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
