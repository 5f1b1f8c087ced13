"""Workers on a Ray cluster: a pool of actors that keep their pipelines loaded. Ray places them and starts them anew.

Importing this module needs the extra `batch`.
"""

import logging
import math
import os
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from scope.batch.crew import Began, CrewError, Ended, Event
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


@dataclass(frozen=True)
class Share:
    """What of a node one worker takes."""

    cpus: float
    gpus: float


class Hand:
    """One actor: the work of `scope.batch.work.Worker`, with errors as sentences."""

    def __init__(self, shipped: bool) -> None:
        from scope.batch.work import Worker

        self._worker = Worker(generation=not shipped)

    def ready(self) -> str:
        """Its name, as soon as its plugins are loaded."""
        return self._worker.name

    def render(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """The result of a job, or the error that ended it."""
        from scope.batch.work import sentence

        try:
            result = self._worker.render(Job.from_json(told), lambda done, total: None)
        except Exception as error:  # noqa: BLE001 - plugin code; the batch goes on, and the manifest names the cause
            return {"worker": self._worker.name, "error": sentence(error)}
        return {"worker": self._worker.name, "result": result}


class RayCrew:
    """Actors on the cluster at `address`; without one on that of RAY_ADDRESS, else on a cluster of this machine alone.

    `share`: what one worker takes, by the pipelines of `graph` where it is None. `count`: how many, as many as fit
    without it.

    Raises:
        CrewError: the cluster cannot be reached, or nothing fits on it.
    """

    def __init__(self, address: str | None, graph: Graph, share: Share | None = None, count: int | None = None) -> None:
        site = shipped_plugins()
        try:
            ray.init(
                address=address,
                namespace="scope-batch",
                runtime_env={"working_dir": str(site)} if site else None,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except (ConnectionError, RayError, ValueError, RuntimeError) as error:
            raise CrewError(f"no Ray cluster at {address or 'this machine'}: {error}") from error
        share = share or share_of(graph)
        number = count or fitting(ray.cluster_resources(), share)
        if not number:
            raise CrewError(
                f"the Ray cluster has no place for a worker with {share.cpus:g} CPUs and {share.gpus:g} GPUs"
            )
        remote = ray.remote(
            num_cpus=share.cpus, num_gpus=share.gpus, max_restarts=-1, max_task_retries=0, scheduling_strategy="SPREAD"
        )(Hand)
        self._hands = [remote.remote(site is not None) for _ in range(number)]
        self._down_since: float | None = None

    def work(self, jobs: deque[Job]) -> Iterator[Event]:
        """Hand out jobs until there are none; only to actors that are up, for one that is down may never come back.

        Raises:
            CrewError: no actor comes up.
        """
        waiting: dict[Any, tuple[Any, Job | None]] = {hand.ready.remote(): (hand, None) for hand in self._hands}
        free: list[tuple[Any, str]] = []
        while jobs or any(job for _, job in waiting.values()):
            while jobs and free:
                (hand, name), job = free.pop(), jobs.popleft()
                waiting[hand.render.remote(job.to_json())] = (hand, job)
                yield Began(name, job)
            (done, *_), _ = ray.wait(list(waiting), num_returns=1)
            hand, job = waiting.pop(done)
            told = _answer(done)
            if job is not None:
                yield Ended(told.get("worker", ""), job, told.get("result"), told.get("error", ""))
            if "worker" in told:
                free.append((hand, told["worker"]))
                self._down_since = None
            elif not told["gone"]:
                if job is None:
                    self._be_patient(told["error"], busy=any(other for _, other in waiting.values()))
                waiting[hand.ready.remote()] = (hand, None)
            elif not waiting and not free:
                raise CrewError(f"every worker on the Ray cluster is gone: {told['error']}")

    def close(self) -> None:
        """End the actors and leave the cluster."""
        for hand in self._hands:
            ray.kill(hand)
        ray.shutdown()

    def _be_patient(self, error: str, *, busy: bool) -> None:
        now = time.monotonic()
        self._down_since = self._down_since or now
        if not busy and now - self._down_since > PATIENCE_SECONDS:
            raise CrewError(f"no worker comes up on the Ray cluster: {error}")
        time.sleep(RETRY_SECONDS)


def _answer(done: Any) -> dict[str, Any]:
    """What an actor answered; without `worker` if it is lost, and `gone` if Ray does not start it anew."""
    try:
        told = ray.get(done)
    except RayError as error:
        return {"error": f"its worker was lost: {_first_line(error)}", "gone": isinstance(error, ActorDiedError)}
    return {"worker": told} if isinstance(told, str) else told


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
