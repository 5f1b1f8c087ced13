"""Workers on a Ray cluster: a pool of actors that keep their pipelines loaded. Ray places them and starts them anew.

Importing this module needs the extra `batch`.
"""

import logging
import math
import os
import time
from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from scope.batch.crew import Began, CrewError, Ended, Event, Moved
from scope.batch.plan import Job
from scope.core.config import get_plugins_dir
from scope.install.generations import Store
from scope.runtime.graph import Graph

# Ray would send the project of a `uv run` to every node and build its environment there; it looks when imported.
os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
# Not by name, for the types of an extra are not always there to be checked.
ray: Any = import_module("ray")
RayError: type[Exception] = import_module("ray.exceptions").RayError
ActorDiedError: type[Exception] = import_module("ray.exceptions").ActorDiedError

# An actor that is lost is started anew without end; while none comes up, it is waited for so long, and asked so often.
PATIENCE_SECONDS = 120.0
RETRY_SECONDS = 1.0
# What a model takes beside its weights.
VRAM_HEADROOM = 1.2
# How often an actor is asked how far it is.
WATCH_SECONDS = 0.5
# Where this is set, every node finds its models in that folder, which they share.
MODELS_FOLDER = "DAYDREAM_SCOPE_MODELS_DIR"


Call = Literal["ready", "render", "moved"]


@dataclass(frozen=True)
class Share:
    """What of a node one worker takes."""

    cpus: float
    gpus: float


class Hand:
    """One actor: the work of `scope.batch.work.Worker`, with errors as sentences."""

    def __init__(self, shipped: bool) -> None:
        from scope.batch.work import Worker

        self._worker = Worker(generation=not shipped, download=True)
        self._at: tuple[str, int, int | None] = ("", 0, None)

    def ready(self) -> dict[str, Any]:
        """Its name and its node, as soon as its plugins are loaded."""
        return {"worker": self._worker.name, "node": ray.get_runtime_context().get_node_id()}

    def render(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """The result of a job, or the error that ended it."""
        from scope.batch.work import sentence

        job = Job.from_json(told)

        def progress(done: int, total: int | None) -> None:
            self._at = (job.name, done, total)

        try:
            result = self._worker.render(job, progress)
        except Exception as error:  # noqa: BLE001 - plugin code; the batch goes on, and the manifest names the cause
            return {"error": sentence(error)}
        return {"result": result}

    @ray.method(concurrency_group="watch")
    def moved(self) -> dict[str, Any]:
        """How many frames of which job are written, after a moment."""
        time.sleep(WATCH_SECONDS)
        return {"moved": self._at}


@dataclass
class _Actor:
    """A `Hand` as the driver knows it. `name` is empty while it is not up; `job`: what it is at."""

    handle: Any
    name: str = ""
    node: str = ""
    job: Job | None = None
    is_watched: bool = False


class RayCrew:
    """Actors on the cluster at `address`; without one on that of RAY_ADDRESS, else on a cluster of this machine alone.

    `share`: what one worker takes, by the pipelines of `graph` where it is None. `count`: how many, as many as fit
    without it.

    Raises:
        CrewError: the cluster cannot be reached, or nothing fits on it.
    """

    def __init__(self, address: str | None, graph: Graph, share: Share | None = None, count: int | None = None) -> None:
        site = shipped_plugins()
        _join(address, site)
        share = share or share_of(graph)
        number = count or fitting(ray.cluster_resources(), share)
        if not number:
            raise CrewError(
                f"the Ray cluster has no place for a worker with {share.cpus:g} CPUs and {share.gpus:g} GPUs"
            )
        hand = _remote(share)
        self._actors = [_Actor(hand.remote(site is not None)) for _ in range(number)]
        self._waiting: dict[Any, tuple[_Actor, Call]] = {}
        self._failed_at: defaultdict[str, set[str]] = defaultdict(set)
        self._down_since: float | None = None
        self._begun = time.monotonic()

    def work(self, jobs: deque[Job]) -> Iterator[Event]:
        """Hand out jobs until there are none; only to actors that are up, for one that is down may never come back.

        Raises:
            CrewError: no actor comes up.
        """
        for actor in self._actors:
            self._call(actor, "ready")
        while jobs or any(actor.job for actor in self._actors):
            yield from self._hand_out(jobs)
            # Not for ever: what waits for an actor that never comes up is handed out after a while.
            ended, _ = ray.wait(list(self._waiting), num_returns=1, timeout=PATIENCE_SECONDS)
            for done in ended:
                yield from self._heard(done)

    def close(self) -> None:
        """End the actors and leave the cluster."""
        for actor in self._actors:
            ray.kill(actor.handle)
        ray.shutdown()

    def _call(self, actor: _Actor, call: Call, *arguments: Any) -> None:
        self._waiting[getattr(actor.handle, call).remote(*arguments)] = (actor, call)

    def _heard(self, done: Any) -> Iterator[Event]:
        actor, call = self._waiting.pop(done)
        told = _answer(done)
        yield from self._moved(actor, told) if call == "moved" else self._answered(actor, told)

    def _hand_out(self, jobs: deque[Job]) -> Iterator[Event]:
        for actor in self._actors:
            if actor.name and actor.job is None and (job := self._next_for(actor, jobs)) is not None:
                jobs.remove(job)
                actor.job = job
                self._call(actor, "render", job.to_json())
                self._watch(actor)
                yield Began(actor.name, job)

    def _next_for(self, actor: _Actor, jobs: deque[Job]) -> Job | None:
        nodes = {other.node for other in self._actors if other.name}
        more = time.monotonic() < self._begun + PATIENCE_SECONDS and any(not other.node for other in self._actors)
        return next((job for job in jobs if suits(actor.node, self._failed_at[job.name], nodes, more=more)), None)

    def _watch(self, actor: _Actor) -> None:
        if not actor.is_watched:
            actor.is_watched = True
            self._call(actor, "moved")

    def _moved(self, actor: _Actor, told: Mapping[str, Any]) -> Iterator[Event]:
        actor.is_watched = False
        if actor.job is None or "lost" in told:
            return
        self._watch(actor)
        name, done, total = told["moved"]
        if actor.job.name == name:
            yield Moved(actor.name, actor.job, done, total)

    def _answered(self, actor: _Actor, told: Mapping[str, Any]) -> Iterator[Event]:
        job, name, actor.job = actor.job, actor.name, None
        if "lost" in told:
            self._lost(actor, told, was_starting=job is None)
        elif job is None:
            actor.name, actor.node = told["worker"], told["node"]
            self._down_since = None
        if job is not None:
            error = told.get("error", "")
            if error:
                self._failed_at[job.name].add(actor.node)
            yield Ended(name, job, told.get("result"), error)

    def _lost(self, actor: _Actor, told: Mapping[str, Any], *, was_starting: bool) -> None:
        actor.name = ""
        if told["lost"] == "for good":
            self._actors.remove(actor)
            if not self._actors:
                raise CrewError(f"every worker on the Ray cluster is gone: {told['error']}")
            return
        if was_starting:
            self._be_patient(told["error"])
        self._call(actor, "ready")

    def _be_patient(self, error: str) -> None:
        now = time.monotonic()
        self._down_since = self._down_since or now
        if not any(actor.job for actor in self._actors) and now - self._down_since > PATIENCE_SECONDS:
            raise CrewError(f"no worker comes up on the Ray cluster: {error}")
        time.sleep(RETRY_SECONDS)


def _join(address: str | None, site: Path | None) -> None:
    try:
        ray.init(
            address=address,
            namespace="scope-batch",
            runtime_env=_environment(site),
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, RayError, ValueError, RuntimeError) as error:
        raise CrewError(f"no Ray cluster at {address or 'this machine'}: {error}") from error


def _remote(share: Share) -> Any:
    return ray.remote(
        num_cpus=share.cpus,
        num_gpus=share.gpus,
        max_restarts=-1,
        max_task_retries=0,
        scheduling_strategy="SPREAD",
        concurrency_groups={"watch": 1},
    )(Hand)


def suits(node: str, failed_at: Collection[str], nodes: Collection[str], *, more: bool) -> bool:
    """Whether a node may try a job that failed on some: not on that one again, for its disk may be full, unless it failed
    on all that are up and no `more` of them are expected."""
    return node not in failed_at or (not more and set(nodes) <= set(failed_at))


def _answer(done: Any) -> dict[str, Any]:
    """What an actor answered; `lost` if it is, and whether Ray starts it anew."""
    try:
        return ray.get(done)
    except RayError as error:
        lost = "for good" if isinstance(error, ActorDiedError) else "for now"
        return {"error": f"its worker was lost: {_first_line(error)}", "lost": lost}


def _environment(site: Path | None) -> dict[str, Any] | None:
    """What every actor needs of this process: the installed plugins, and the folder of the models where it is shared."""
    shared = os.environ.get(MODELS_FOLDER)
    plugins = {"working_dir": str(site)} if site else {}
    return {**plugins, **({"env_vars": {MODELS_FOLDER: shared}} if shared else {})} or None


def share_of(graph: Graph) -> Share:
    """By what the pipelines say they need: a part of a GPU for their memory, a whole one if they do not say.

    Without a GPU in the cluster: one CPU core.
    """
    if not ray.cluster_resources().get("GPU"):
        return Share(1.0, 0.0)
    wanted = sum(node.config.estimated_vram_gb or 0.0 for node in graph) * VRAM_HEADROOM
    memory = ray.get(ray.remote(num_gpus=0.01)(_gpu_memory).remote())
    return Share(1.0, min(1.0, math.ceil(100 * wanted / memory) / 100) if wanted else 1.0)


def fitting(resources: Mapping[str, float], share: Share) -> int:
    """How many workers of this share the cluster has room for."""
    rooms = [resources.get("CPU", 0.0) / share.cpus] if share.cpus else []
    rooms += [resources.get("GPU", 0.0) / share.gpus] if share.gpus else []
    return math.floor(min(rooms, default=0.0) + 1e-9)


def shipped_plugins() -> Path | None:
    """The folder of the current generation of installed plugins, which goes to every node; None if there is none."""
    store = Store(get_plugins_dir())
    generation = store.base()
    return None if generation is None else store.site(generation.name)


def _gpu_memory() -> float:
    import torch

    return torch.cuda.get_device_properties(0).total_memory / 1e9


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
