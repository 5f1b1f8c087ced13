"""Plays a show for a long time and looks at what it loses: memory of both processes, handles, threads, latency."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil

from scope.engine import events, link
from scope.engine.process import EngineProcess

# What is loaded, compiled and cached at the start is no leak.
SETTLING_SECONDS = 20.0
STEP_SECONDS = 0.25
MB_A_MINUTE = 1.0


@dataclass(frozen=True)
class Sample:
    """What was used at `seconds` since the start, both processes together."""

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


def soaked(seconds: float, settling: float = SETTLING_SECONDS) -> list[Sample]:
    """Play the sample clip through three stages of the installed filters, all pictures taken, values changing all the time.

    Samples begin once everything has settled.

    Raises:
        EngineError: the engine does not come up.
    """
    engine, ready = EngineProcess(), threading.Event()
    engine.listen(lambda event: ready.set() if isinstance(event, events.Ready) else None)
    engine.watch({link.OUT: 30.0})
    engine.start({"source": {"kind": "sample"}, "stages": []})
    try:
        if not ready.wait(120.0) or engine.hello is None:
            raise link.EngineError("the engine did not come up in two minutes")
        stages = filters(engine.hello.pipelines)
        engine.play({"source": {"kind": "sample"}, "stages": stages})
        ids = [stage["id"] for stage in stages]
        _play(engine, ids, settling)
        start = time.monotonic()
        samples = [_sample(engine, start)]
        while time.monotonic() - start < seconds:
            _play(engine, ids, STEP_SECONDS)
            samples.append(_sample(engine, start))
        return samples
    finally:
        engine.stop()


def filters(pipelines: Mapping[str, Any], count: int = 3) -> list[dict[str, str]]:
    """So many stages out of what is there, pipelines that take video and need no models; none if there are none."""
    usable = [name for name, schema in pipelines.items() if _is_filter(schema)]
    names = [usable[i % len(usable)] for i in range(count if usable else 0)]
    return [{"id": f"{name}-{i + 1}", "pipeline": name, "role": "post"} for i, name in enumerate(names)]


def memory_slope(samples: Sequence[Sample]) -> float:
    """Megabytes a minute by least squares; 0 for a single sample.

    Pictures on their way make memory go up and down by about ten megabytes, so a minute's slope is good to about five
    megabytes a minute, and half an hour's to a few hundredths of one.
    """
    if len(samples) < 2:
        return 0.0
    minutes = [sample.seconds / 60.0 for sample in samples]
    return float(np.polyfit(minutes, [sample.memory_mb for sample in samples], 1)[0])


def _is_filter(schema: Mapping[str, Any]) -> bool:
    return "video" in schema["supported_modes"] and not schema["requires_models"] and bool(schema["usage"])


def _play(engine: EngineProcess, stages: Sequence[str], seconds: float) -> None:
    """Take every picture and change a value of every stage with each."""
    end, seen = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        picture = engine.frame(after=seen, timeout=0.2)
        seen = picture.number if picture else seen
        for stage in stages:
            engine.post(stage, {"base_seed": seen % 1000})


def _sample(engine: EngineProcess, start: float) -> Sample:
    pids = [psutil.Process().pid, *([engine.hello.pid] if engine.hello else [])]
    processes = [psutil.Process(pid) for pid in pids]
    return Sample(
        time.monotonic() - start,
        sum(process.memory_info().rss for process in processes) / 2**20,
        sum(process.num_fds() if hasattr(process, "num_fds") else 0 for process in processes),
        sum(process.num_threads() for process in processes),
    )
