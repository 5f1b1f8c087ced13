"""Brings the steps of a live chain in line with what is wanted, one at a time, while the show goes on."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import torch

from scope.core.pipelines.interface import Pipeline
from scope.runtime.faults import FaultLog, PipelineError
from scope.runtime.graph import Node
from scope.runtime.pool import Pool
from scope.runtime.step import Step

# A pipeline that is in a call when it is taken away gets so long to return before it is left to itself.
PATIENCE_SECONDS = 5.0


class Part(NamedTuple):
    """A node as it is wanted, with the runtime values that it starts with."""

    node: Node
    values: Mapping[str, Any]

    @property
    def instance(self) -> tuple[type, str]:
        """What the pipeline instance depends on."""
        return self.node.pipeline_class, json.dumps(self.node.load, sort_keys=True, default=repr)

    @property
    def key(self) -> tuple[tuple[type, str], str]:
        """What the step depends on."""
        return self.instance, self.node.mode


class Loaded(NamedTuple):
    """A step that is ready, and the part it was made for."""

    part: Part
    step: Step


class Stagehand(Protocol):
    """What a show does for its loader, on the loader's thread."""

    def made(self, part: Part, pipeline: Pipeline) -> Step:
        """A step around a pipeline instance that nobody else uses."""
        ...

    def rearrange(self) -> None:
        """The steps that are there have changed."""

    def dismiss(self, step: Step) -> None:
        """This step is out of the chain for good."""

    def loading(self, node: Node) -> None:
        """A pipeline is being loaded."""

    def ready(self, nodes: Sequence[str]) -> None:
        """Everything that is wanted is there or failed; these nodes are there."""


class Loader(threading.Thread):
    """Loads what is wanted and missing, exchanges what is wanted otherwise, lets go of what is not wanted any more.

    An old instance stays until its successor is there, unless both together do not fit the GPU's memory. What failed
    is not tried again until `want` is called.
    """

    def __init__(self, stagehand: Stagehand, pool: Pool, faults: FaultLog) -> None:
        super().__init__(name="scope:loader:show", daemon=True)
        self._stagehand, self._pool, self._faults = stagehand, pool, faults
        self._change = threading.Condition()
        self._wanted: dict[str, Part] = {}
        self._loaded: dict[str, Loaded] = {}
        self._failed: set[tuple[str, Any]] = set()
        self._said_ready, self._ended = True, False

    def want(self, parts: Sequence[Part]) -> None:
        """What shall be there from now on."""
        with self._change:
            self._wanted = {part.node.id: part for part in parts}
            self._failed.clear()
            self._said_ready = False
            self._change.notify()

    def step(self, node: str) -> Step | None:
        """The step of this node that plays now; None while it is loading for the first time, or failed."""
        loaded = self._loaded.get(node)
        return loaded.step if loaded else None

    def steps(self) -> dict[str, Step]:
        """Every step that is ready."""
        with self._change:
            return {node: loaded.step for node, loaded in self._loaded.items()}

    def end(self) -> None:
        """Load nothing more; a constructor that runs is left to itself."""
        with self._change:
            self._ended = True
            self._change.notify()

    def run(self) -> None:
        """The thread: one difference after the other."""
        while (job := self._next_job()) is not None:
            job()

    def _next_job(self) -> Callable[[], None] | None:
        with self._change:
            while not self._ended:
                for node in self._loaded.keys() - self._wanted.keys():
                    return lambda node=node: self._let_go(node)
                for part in self._wanted.values():
                    if self._is_missing(part):
                        return lambda part=part: self._load(part)
                if not self._said_ready:
                    self._said_ready = True
                    nodes = [node for node in self._wanted if node in self._loaded]
                    return lambda nodes=nodes: self._stagehand.ready(nodes)
                self._change.wait()
        return None

    def _is_missing(self, part: Part) -> bool:
        loaded = self._loaded.get(part.node.id)
        return (loaded is None or loaded.part.key != part.key) and (part.node.id, part.key) not in self._failed

    def _let_go(self, node: str) -> None:
        with self._change:
            old = self._loaded.pop(node)
        self._stagehand.rearrange()
        if self._dismissed(old.step):
            self._pool.give_back(old.step.stage.pipeline)

    def _load(self, part: Part) -> None:
        node, old = part.node, self._loaded.get(part.node.id)
        self._stagehand.loading(node)
        if old is not None and old.part.instance != part.instance and not fits_beside(node):
            self._let_go(node.id)
            self._pool.unload()
            old = None
        same = old is not None and old.part.instance == part.instance
        try:
            pipeline = (
                old.step.stage.pipeline
                if old and same
                else self._pool.lend(node.pipeline_class, node.load, node=node.id)
            )
        except PipelineError as error:
            self._fail(part, error)
        except BaseException as error:  # noqa: BLE001 - of the plugin: nothing may end this thread
            self._fail(part, PipelineError.raised(node.id, "could not be loaded", "load", error))
        else:
            self._exchange(part, pipeline, old, same)

    def _fail(self, part: Part, error: PipelineError) -> None:
        with self._change:
            self._failed.add((part.node.id, part.key))
        self._faults.note(error)

    def _exchange(self, part: Part, pipeline: Pipeline, old: Loaded | None, same: bool) -> None:
        step = self._stagehand.made(part, pipeline)
        if old is not None and same:
            step.busy = old.step.busy
        with self._change:
            self._loaded[part.node.id] = Loaded(part, step)
        self._stagehand.rearrange()
        if old is not None and self._dismissed(old.step) and not same:
            self._pool.drop(old.step.stage.pipeline)

    def _dismissed(self, step: Step) -> bool:
        """Take a step out; True once its pipeline is free, False if it does not return from its call."""
        self._stagehand.dismiss(step)
        if not step.busy.acquire(timeout=PATIENCE_SECONDS):
            return False
        step.busy.release()
        return True


def fits_beside(node: Node) -> bool:
    """Whether a second instance of this pipeline fits the GPU's free memory, as far as its schema says."""
    needed = node.config.estimated_vram_gb
    if needed is None or not torch.cuda.is_available():
        return True
    free, _ = torch.cuda.mem_get_info()
    return free >= needed * 2**30
