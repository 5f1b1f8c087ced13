"""A live show: one chain that is edited, tuned and paused while it plays."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakSet

from scope.core.pipelines.interface import Pipeline
from scope.runtime.demand import Demand
from scope.runtime.faults import Fault, FaultLog, PipelineError
from scope.runtime.frames import Frame, Sound
from scope.runtime.graph import Node
from scope.runtime.intake import Item
from scope.runtime.lane import LaneRule, lane_rule
from scope.runtime.lanes import Lanes
from scope.runtime.loader import Loader, Part
from scope.runtime.mailbox import ONCE_ONLY, RESET
from scope.runtime.meter import Figures
from scope.runtime.observer import Answer, NoCalls, Observer, Posted, StepFigures
from scope.runtime.outlet import IN, OUT, Outlet, Screen
from scope.runtime.pace import DEFAULT_RATE
from scope.runtime.pool import Pool
from scope.runtime.prompts import both_prompts
from scope.runtime.stage import Conditions, Stage
from scope.runtime.step import Calls, Chain, Items, Step

# Instances of stages that were taken out, for who brings them back soon.
KEPT_INSTANCES = 2


class UnknownNodeError(KeyError):
    """No stage of the show has this id; the message lists those there are."""

    def __str__(self) -> str:
        return self.args[0]


class Show:
    """A chain of pipelines between `feed` and a screen. Any thread may call any method; none waits for a pipeline.

    `lanes`: one thread for the chain, or one for each stage; without it one for each where there is a GPU or four cores.
    `hear` is called with what pipelines sound like, by the threads that call them; `shown` as `Outlet` says.
    """

    def __init__(
        self,
        screen: Screen,
        observer: Observer,
        *,
        lanes: LaneRule | None = None,
        conditions: Conditions | None = None,
        calls: Calls | None = None,
        hear: Callable[[Sound], None] = lambda _: None,
        shown: Callable[[float, float], None] = lambda _captured, _now: None,
    ) -> None:
        self._hear, self._sounding = hear, WeakSet[Step]()
        self.faults, self.calls = FaultLog(), calls or NoCalls()
        self._observer, self._conditions = observer, conditions or Conditions(DEFAULT_RATE, live=True)
        self._loader = Loader(self, Pool(KEPT_INSTANCES), self.faults)
        self._outlet = Outlet(screen, shown)
        self._lock, self._demand = threading.RLock(), Demand()
        self._lanes = Lanes(lanes or lane_rule(), lambda: self.running)
        self._tuned: set[Step] = set()
        self._parts: dict[str, Part] = {}
        self._values: dict[str, dict[str, Any]] = {}
        self._chain = Chain((), self._outlet.exit)
        self.faults.observe(self._on_fault)
        self._loader.start()
        self._outlet.start()

    @property
    def running(self) -> bool:
        """See `Demand`."""
        return self._demand.running

    @property
    def idle(self) -> bool:
        """See `Demand`."""
        return self._demand.idle

    @property
    def paused(self) -> bool:
        """See `pause`."""
        return self._demand.paused

    @property
    def rate(self) -> float:
        """See `Demand`."""
        return self._demand.rate

    def play(self, parts: Sequence[Part]) -> None:
        """Make the chain what the parts say. What stays the same plays on; what is new joins when it is loaded."""
        with self._lock:
            before, self._parts = self._values, {part.node.id: part for part in parts}
            self._outlet.forget(but={OUT, IN, *self._parts})
            self._values = {part.node.id: both_prompts(part.values) for part in parts}
            for node, values in self._values.items():
                self._retune(node, before.get(node, {}), values)
            self._loader.want(parts)
            self.rearrange()

    def exchange(self, node: Node) -> None:
        """Load a node anew, with other load parameters; its values stay. Nothing happens if the show has no such node."""
        with self._lock:
            now = [Part(part.node, self._values[name]) for name, part in self._parts.items()]
            self.play([Part(node, part.values) if part.node.id == node.id else part for part in now])

    def post(self, node: str, changes: Mapping[str, Any], answer: Answer) -> None:
        """Set runtime parameters of a node; `answer` hears what became of them, once, on whichever thread knows.

        Raises:
            UnknownNodeError: there is no such node.
        """
        with self._lock:
            if node not in self._parts:
                raise UnknownNodeError(f"no stage {node!r} in this show ({' > '.join(self._parts) or 'it is empty'})")
            posted = Posted(*self._parts[node].node.fields.sifted(changes))
            step, sent = self._loader.step(node), both_prompts(posted.values)
            self._values[node].update({k: v for k, v in sent.items() if k not in ONCE_ONLY and k != RESET})
            version = step.post(sent) if step and sent else 0
            shows = version and step in self._chain.steps and self.running
        if shows:
            self._outlet.answers.expect(node, version, partial(answer, posted))
        else:
            answer(posted, None)

    def reset(self, node: str | None = None) -> None:
        """Start the state of one node, or of all, anew with its next call."""
        for step in self._loader.steps().values():
            if node in (None, step.node):
                step.post({RESET: True})

    def pause(self, on: bool) -> None:
        """Call no pipeline and keep the last picture, or go on; parameters are taken all the time."""
        self._demand.paused = on
        self._refresh()

    def watch(self, taps: Mapping[str, float]) -> None:
        """Which taps are looked at, and how many frames a second each takes."""
        slept = not self.running
        self._demand.watch(taps)
        self._outlet.watch(taps)
        if slept:
            self._refresh()

    @property
    def sounds(self) -> bool:
        """Whether a stage of the chain has made sound, which then replaces that of the source."""
        return any(step in self._sounding for step in self._chain.steps)

    def show_lost(self) -> None:
        """See `Outlet`."""
        self._outlet.show_lost()

    def feed(self, frame: Frame) -> None:
        """A frame from the source, (1, H, W, 3) in [0, 255]; it is ignored while the show does not run."""
        if not self.running:
            return
        chain = self._chain
        item = Item(frame, chain, {})
        self._outlet.tap(IN, item)
        chain.put([item])

    def figures(self, seconds: float) -> tuple[dict[str, StepFigures], Figures]:
        """By node, and the ages of the pictures shown in ms; `seconds` since the last reading. Call it regularly."""
        self._outlet.answers.give_up()
        by_node = {
            node: StepFigures(step.meter.read(seconds), step.intake.dropped, step.faults, step.resting())
            for node, step in self._loader.steps().items()
        }
        return by_node, self._outlet.ages.read(seconds)

    def stop(self, timeout: float = 5.0) -> bool:
        """End every thread; False if a pipeline does not return from its call in time."""
        threads = [self._loader, self._outlet, *self._lanes]
        for thread in threads:
            thread.end()
        deadline = time.monotonic() + timeout
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def made(self, part: Part, pipeline: Pipeline) -> Step:
        """A step around a loaded pipeline, with a lane of its own by the rule, and the values of its node."""
        ids = [p.node.config.pipeline_id for p in self._parts.values()]
        conditions = replace(self._conditions, pipeline_ids=ids)
        stage = Stage(pipeline, conditions, node=part.node.id, mode=part.node.mode, faults=self.faults)
        lane = self._lanes.lane(part.node.id)
        step = Step(stage, self, lane.wake)
        self._lanes.take(step, lane)
        return step

    def rearrange(self) -> None:
        """A new chain out of the steps that are loaded and switched on; frames under way finish on the old one."""
        with self._lock:
            wanted = [self._loader.step(node) for node, part in self._parts.items() if part.node.on]
            steps = [step for step in wanted if step is not None]
            first = max((i for i, step in enumerate(steps) if step.generates), default=0)
            self._chain = chain = Chain(tuple(steps[first:]), self._outlet.exit)
            for step in self._loader.steps().values():
                self._place(step, chain)
            self._lanes.serve(chain)

    def _place(self, step: Step, chain: Chain) -> None:
        """Tell a step where it stands. A new one has not heard its values, and one that is out waits for nothing."""
        if step not in self._tuned:
            self._tuned.add(step)
            step.post(self._values.get(step.node, {}))
        step.chain = chain if step in chain.steps else None
        if step.chain is None:
            step.intake.clear()

    def dismiss(self, step: Step) -> None:
        """End the lane that was the step's own."""
        with self._lock:
            step.chain = None
            self._tuned.discard(step)
        self._lanes.dismiss(step)

    def loading(self, node: Node) -> None:
        """The loader says what it does."""
        self._observer.loading(node)

    def ready(self, nodes: Sequence[str]) -> None:
        """The loader is done."""
        steps = self._loader.steps()
        self._observer.ready({node: self._chosen(steps[node]) for node in nodes})

    def _chosen(self, step: Step) -> dict[str, Any]:
        """What the instance says that it chose itself, as far as it can be told."""
        try:
            chosen = dict(getattr(step.stage.pipeline, "chosen", {}))
        except Exception as error:  # noqa: BLE001 - of the plugin: nothing may end the loader
            self.faults.note(PipelineError.raised(step.node, "cannot say what it chose", "load", error))
            return {}
        return {str(name): value for name, value in chosen.items() if isinstance(value, str | int | float | bool)}

    def cleared(self, step: Step) -> None:
        """A step works again."""
        self._observer.cleared(step.node)

    def tap(self, step: Step, items: Items) -> None:
        """What came out of a step, for those who look behind it."""
        self._outlet.tap(step.node, items[-1])

    def hear(self, step: Step, sound: Sound) -> None:
        """What a step sounds like; the sound of a later one replaces it, as it does offline."""
        self._sounding.add(step)
        steps = self._chain.steps
        if step in steps and not any(later in self._sounding for later in steps[steps.index(step) + 1 :]):
            self._hear(sound)

    def _retune(self, node: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Post what differs; a value that is no longer set goes back to the schema's default."""
        step, fields = self._loader.step(node), self._parts[node].node.fields
        changed = {name: value for name, value in after.items() if name not in before or before[name] != value}
        gone = {name: fields[name].entry.get("default") for name in before.keys() - after.keys() if name in fields}
        if step is not None and (changed or gone):
            step.post(gone | changed)

    def _on_fault(self, fault: Fault) -> None:
        step = self._loader.step(fault.node)
        self._observer.fault(fault, step.rests if step else None)

    def _refresh(self) -> None:
        """After a pause what waits is no longer new."""
        for step in self._loader.steps().values():
            step.intake.clear()
        self._lanes.wake()
