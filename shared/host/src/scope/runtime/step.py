"""A live chain and its steps: each calls its stage, gets over its faults, and hands on what comes out."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from scope.runtime.faults import PipelineError
from scope.runtime.frames import Chunk, Frame, Sound, onward_values, passed, split
from scope.runtime.intake import Intake, Item, Pace
from scope.runtime.meter import Meter
from scope.runtime.pace import DEFAULT_RATE, Beat, Period, Rest
from scope.runtime.stage import Stage

Items = Sequence[Item["Chain"]]


class Calls(Protocol):
    """Told of every call as it begins and ends, so that someone can see which one does not."""

    def begin(self, node: str) -> None:
        """The node's pipeline is called now, by this thread."""

    def end(self, node: str) -> None:
        """It returned or raised."""


class Desk(Protocol):
    """What a step asks of its show and tells it."""

    calls: Calls

    @property
    def rate(self) -> float:
        """Frames a second that viewers take; a generator makes no more."""
        ...

    def cleared(self, step: "Step") -> None:
        """A call worked again after faults."""

    def tap(self, step: "Step", items: Items) -> None:
        """What came out of a step, for whoever looks at it."""

    def hear(self, step: "Step", sound: Sound) -> None:
        """What a step sounds like from now on, for as long as the sound lasts."""


@dataclass(frozen=True, eq=False)
class Chain:
    """Steps in order of flow and what stands at their end. It never changes: an edit makes a new one.

    Only the first step may be one that takes no input.
    """

    steps: tuple["Step", ...]
    exit: Callable[[Items], None]

    def after(self, step: "Step") -> "Step | None":
        """The step that follows; None at the end, and for a step that is no longer in the chain."""
        following = self.steps.index(step) + 1 if step in self.steps else len(self.steps)
        return self.steps[following] if following < len(self.steps) else None

    def put(self, items: Items) -> None:
        """Frames from a source into the first step, if it takes any, or straight to the end of an empty chain."""
        if not self.steps:
            self.exit(items)
        elif not self.steps[0].generates:
            self.steps[0].intake.put(items)


class Step:
    """One stage in a live chain: what waits for it, when it is called, what becomes of its result, and its figures."""

    def __init__(self, stage: Stage, desk: Desk, wake: Callable[[], object]) -> None:
        self.node, self.stage = stage.node, stage
        self.generates = stage.mode == "text"
        self.intake, self.meter = Intake(wake), Meter()
        self.chain: Chain | None = None
        self.faults = 0
        # Seconds of the rest that the last fault began.
        self.rests: float | None = None
        # Held during a call: who takes the pipeline away waits for its end.
        self.busy = threading.Lock()
        self._desk, self._wake = desk, wake
        self._beat, self._period, self._rest = Beat(), Period(), Rest()
        self._posted = self._taken = 0

    def post(self, changes: Mapping[str, Any]) -> int:
        """Set parameters; the number that `Item.taken` reaches once a call has gone by them."""
        self.stage.mailbox.post(changes)
        self._posted += 1
        self._rest.wake()
        self._wake()
        return self._posted

    def resting(self) -> bool:
        """True while its input passes because it failed too often."""
        return self._rest.resting(time.monotonic())

    def due(self) -> float | None:
        """Monotonic seconds of the next call of a generator; None for a stage that waits for frames."""
        return max(self._beat.due(), self._rest.until) if self.generates else None

    def run(self) -> bool:
        """Make one call if it is time for one and enough frames wait; False if there was nothing to do."""
        now = time.monotonic()
        items = self._input(now)
        if items is None:
            return False
        chunk = self._made(items, now)
        try:
            self._hand_on(chunk, items, now)
        except Exception as error:  # noqa: BLE001 - what it made breaks something behind it, and must not end this thread
            self._fault(PipelineError.raised(self.node, "made something that cannot be handed on", "call", error))
        return True

    def _input(self, now: float) -> Items | None:
        """What the call takes, nothing for a generator; None while it is not time for a call."""
        due = self.due()
        if due is None:
            return self.intake.take(self._need())
        return [] if due <= now else None

    def _need(self) -> int:
        if self.resting():
            return 1
        try:
            return self.stage.need()
        except PipelineError as error:
            self._fault(error)
        except BaseException as error:  # noqa: BLE001 - of the plugin: nothing may end this thread
            self._fault(PipelineError.raised(self.node, "failed in prepare()", "prepare", error))
        return 1

    def _made(self, items: Items, now: float) -> Chunk | None:
        """What the call gave; the input itself while the stage rests or when it failed."""
        frames = [item.frame for item in items]
        if self._rest.resting(now):
            return passed(frames)
        try:
            chunk = self._called(frames, now)
        except PipelineError as error:
            self._fault(error)
            return passed(frames) if frames and error.kind != "memory" else None
        if self._rest.worked():
            self._desk.cleared(self)
        return chunk

    def _called(self, frames: Sequence[Frame], now: float) -> Chunk | None:
        posted = self._posted  # read before the mailbox is, so that it never promises too much
        self._desk.calls.begin(self.node)
        try:
            with self.busy:
                return self.stage.call(frames, now)
        except PipelineError:
            raise
        except BaseException as error:  # of the plugin, or of who looks at what it gave: nothing may end this thread
            raise PipelineError.raised(self.node, "failed in a call", "call", error) from error
        finally:
            self._taken = posted
            self._desk.calls.end(self.node)
            self.meter.add((time.monotonic() - now) * 1000)

    def _fault(self, error: PipelineError) -> None:
        self.faults += 1
        out_of_memory = error.kind == "memory"
        self.rests = self._rest.stop() if out_of_memory else self._rest.faulted(time.monotonic())
        if out_of_memory and torch.cuda.is_available():
            torch.cuda.empty_cache()
        self.stage.faults.note(error)

    def _hand_on(self, chunk: Chunk | None, items: Items, now: float) -> None:
        count, own_rate = (0, None) if chunk is None else (len(chunk.stamps), chunk.frame_rate)
        self._beat.made(count, now, min(own_rate or DEFAULT_RATE, self._desk.rate))
        chain = items[-1].chain if items else self.chain
        if chunk is not None and chunk.sound is not None:
            self._desk.hear(self, chunk.sound)
        if chunk is None or chain is None or not count:
            return
        following = chain.after(self)
        out = self._items(chunk, items, chain, following, now)
        self._desk.tap(self, out)
        if following is None:
            chain.exit(out)
        else:
            following.stage.mailbox.post(onward_values(chunk, following.stage.ports))
            following.intake.put(out)

    def _items(self, chunk: Chunk, items: Items, chain: Chain, following: "Step | None", now: float) -> Items:
        before = items[-1].taken if items else {}
        taken = {**before, self.node: self._taken}
        pace = self._pace(chunk, items, now)
        return [Item(frame, chain, taken, pace) for frame in split(chunk, following.stage.ports if following else ())]

    def _pace(self, chunk: Chunk, items: Items, now: float) -> Pace | None:
        """A chunk plays at its frame rate, or as long as the next one takes where that is longer."""
        count, period = len(chunk.stamps), self._period.tick(now)
        if count == 1:
            return items[0].pace if items else None
        slowest = period / count if period else 0.0
        return Pace(max(slowest, 1.0 / chunk.frame_rate if chunk.frame_rate else slowest or 1.0 / DEFAULT_RATE), count)
