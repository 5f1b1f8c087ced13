"""Plays a show for a long time with someone watching, and looks at what the host loses: memory, handles, threads."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from websockets.sync.client import ClientConnection, connect

from scope.bench.served import BenchError, Served, serving
from scope.server.wire import Frame

# What is loaded, compiled and cached at the start is no leak.
SETTLING_SECONDS = 40.0
STEP_SECONDS = 0.25
MB_A_MINUTE = 1.0
# For the slope: half a million pairs take no memory worth mentioning.
_MOST_SAMPLES = 1000

# Pictures on their way make memory go up and down: by tens of megabytes at 1280x720, by less than one at this size.
# What leaks a piece of each picture shows at any size.
SOURCE = {"kind": "sample", "width": 96, "height": 54}


@dataclass(frozen=True)
class Sample:
    """What was used at `seconds` since the start, server and engine together."""

    seconds: float
    memory_mb: float
    handles: int
    threads: int


def run(minutes: float) -> int:
    """Play, print the slope, and return 1 if memory grows by more than a megabyte a minute."""
    samples = soaked(minutes * 60.0)
    slope = memory_slope(samples)
    first, last = samples[0], samples[-1]
    print(f"{len(samples)} samples in {last.seconds / 60:.1f} minutes")
    print(
        f"memory    {first.memory_mb:.0f} to {last.memory_mb:.0f} MB, {slope:+.2f} MB a minute (at most {MB_A_MINUTE:g})"
    )
    print(f"handles   {first.handles} to {last.handles}")
    print(f"threads   {first.threads} to {last.threads}")
    return int(slope > MB_A_MINUTE)


def soaked(seconds: float, settling: float = SETTLING_SECONDS, patience: float = 0.0) -> list[Sample]:
    """Play the sample clip through three of the installed filters, with a view and with values that change all the time.

    Samples begin once everything has settled. On a busy machine that takes longer: if memory still grew, the show goes
    on until `seconds` have passed without growth, for `patience` more seconds at most. A leak grows all the time.

    Returns:
        the samples of the last `seconds`.

    Raises:
        BenchError: the server or its engine does not come up, or sends no pictures.
    """
    with serving() as served:
        stages = filters(served.get("pipelines")["pipelines"])
        served.play(SOURCE, stages)
        sockets = served.address.replace("http", "ws", 1) + "api/v1/"
        with connect(f"{sockets}view?format=jpeg", compression=None) as view, connect(f"{sockets}control") as control:
            visitor = Visitor(view, control, [stage["id"] for stage in stages])
            visitor.stay(settling)
            start = time.monotonic()
            samples = [_sample(served, start)]
            while not _enough(samples, seconds, patience):
                visitor.stay(STEP_SECONDS)
                samples.append(_sample(served, start))
            return _last(samples, seconds)


def _enough(samples: Sequence[Sample], seconds: float, patience: float) -> bool:
    lasted = samples[-1].seconds
    return lasted >= seconds and (lasted >= seconds + patience or memory_slope(_last(samples, seconds)) <= MB_A_MINUTE)


def _last(samples: Sequence[Sample], seconds: float) -> list[Sample]:
    return [sample for sample in samples if sample.seconds >= samples[-1].seconds - seconds]


class Visitor:
    """Takes every picture, and changes a value of every stage with each."""

    def __init__(self, view: ClientConnection, control: ClientConnection, stages: Sequence[str]) -> None:
        self._view, self._control, self._stages = view, control, stages

    def stay(self, seconds: float) -> None:
        """Watch for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                data = self._view.recv(timeout=10.0)
            except TimeoutError as error:
                raise BenchError("no picture came for ten seconds") from error
            assert isinstance(data, bytes)
            self._answer(Frame.parse(data).number)

    def _answer(self, number: int) -> None:
        self._view.send(json.dumps({"seen": number}))
        for stage in self._stages:
            self._control.send(json.dumps({"n": number, "stage": stage, "set": {"base_seed": number % 1000}}))
        try:
            while True:
                self._control.recv(timeout=0)
        except TimeoutError:
            return


def filters(pipelines: Mapping[str, Mapping[str, Any]], count: int = 3) -> list[dict[str, str]]:
    """So many stages out of what is there, pipelines that take video and need no models; none if there are none."""
    usable = [name for name, schema in pipelines.items() if _is_filter(schema)]
    names = [usable[i % len(usable)] for i in range(count if usable else 0)]
    return [{"id": f"{name}-{i + 1}", "pipeline": name, "role": "post"} for i, name in enumerate(names)]


def memory_slope(samples: Sequence[Sample]) -> float:
    """Megabytes a minute: the median of the slopes between all pairs (Theil, Sen), which a step does not move; 0 of one."""
    if len(samples) < 2:
        return 0.0
    some = samples[:: 1 + len(samples) // _MOST_SAMPLES]
    minutes = np.array([sample.seconds for sample in some]) / 60.0
    memory = np.array([sample.memory_mb for sample in some])
    first, last = np.triu_indices(len(some), 1)
    return float(np.median((memory[last] - memory[first]) / (minutes[last] - minutes[first])))


def _is_filter(schema: Mapping[str, Any]) -> bool:
    return "video" in schema["supported_modes"] and not schema["requires_models"] and bool(schema["usage"])


def _sample(served: Served, start: float) -> Sample:
    server, engine = served.processes()
    processes = [server, *engine]
    return Sample(
        time.monotonic() - start,
        sum(process.memory_info().rss for process in processes) / 2**20,
        sum(process.num_fds() if hasattr(process, "num_fds") else 0 for process in processes),
        sum(process.num_threads() for process in processes),
    )
