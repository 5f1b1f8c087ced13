"""What a show costs without a server: frames a second of chains, and the hop to the engine and back."""

import statistics
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from scope.bench.figures import quantile
from scope.bench.stages import Gray, Passthrough
from scope.core.pipelines.registry import Registry
from scope.engine import events, link
from scope.engine.inline import InlineEngine
from scope.engine.process import EngineProcess

CHAINS = {
    "empty": (),
    "passthrough": ("passthrough",),
    "gray": ("gray",),
    "three": ("passthrough", "gray", "passthrough"),
}

# Pictures on the way at once: one is worked on while the next one is handed over.
IN_FLIGHT = 2
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Row:
    """One measurement. `fps`: as many as go through; `ms`: from putting a picture in to getting it back, one at a time."""

    where: str
    chain: str
    size: str
    fps: float
    ms_p50: float
    ms_p95: float


def measure(sizes: Sequence[tuple[int, int]], seconds: float) -> Iterator[Row]:
    """Every chain and size in this process, in both ways of threading; then the empty chain in a process of its own."""
    registry = Registry()
    for pipeline in (Passthrough, Gray):
        registry.register(pipeline)
    for lanes in ("one", "each"):
        for chain in CHAINS:
            with playing(InlineEngine(link.Options(lanes=lanes), registry), CHAINS[chain]) as engine:
                for size in sizes:
                    yield row(f"lanes {lanes}", chain, size, engine, seconds)
    with playing(EngineProcess(), ()) as engine:
        for size in sizes:
            yield row("own process", "empty", size, engine, seconds)


@contextmanager
def playing(engine: InlineEngine | EngineProcess, chain: Sequence[str]) -> Generator[link.Engine]:
    """An engine that plays a chain on what `put_frame` brings."""
    stages = [{"id": f"{name}-{i}", "pipeline": name, "role": "post"} for i, name in enumerate(chain)]
    up = threading.Event()
    engine.listen(lambda event: up.set() if isinstance(event, events.Ready) else None)
    engine.watch({link.OUT: 1000.0})
    engine.start({"source": {"kind": "camera"}, "stages": stages})
    try:
        if not up.wait(PATIENCE_SECONDS):
            raise TimeoutError(f"the engine was not ready in {PATIENCE_SECONDS:g} seconds")
        yield engine
    finally:
        engine.stop()


def row(where: str, chain: str, size: tuple[int, int], engine: link.Engine, seconds: float) -> Row:
    """Warm up, then measure one picture at a time, then as many as go through."""
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    trips(engine, pixels, seconds / 4)
    alone = sorted(trips(engine, pixels, seconds))
    fps = throughput(engine, pixels, seconds)
    return Row(where, chain, f"{size[0]}x{size[1]}", fps, statistics.median(alone), quantile(alone, 0.95))


def trips(engine: link.Engine, pixels: np.ndarray, seconds: float) -> list[float]:
    """Milliseconds from putting a picture in to holding the result, one after the other."""
    found, seen, end = [], 0, time.monotonic() + seconds
    while time.monotonic() < end or not found:
        start = time.monotonic_ns()
        engine.put_frame(pixels, start)
        seen = answer(engine, seen, start)
        found.append((time.monotonic_ns() - start) / 1e6)
    return found


def answer(engine: link.Engine, seen: int, start: int) -> int:
    """Wait for the picture that was captured at `start`, within a microsecond; its number."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        picture = engine.frame(after=seen, timeout=1.0)
        seen = picture.number if picture else seen
        if picture and picture.captured_ns >= start - 1000:
            return seen
    raise TimeoutError(f"the engine gave no answer for {PATIENCE_SECONDS:g} seconds")


def throughput(engine: link.Engine, pixels: np.ndarray, seconds: float) -> float:
    """Pictures a second with two on the way."""
    first = engine.frame()
    start = seen = first.number if first else 0
    begin, put = time.monotonic(), 0
    while time.monotonic() - begin < seconds:
        if put - (seen - start) < IN_FLIGHT:
            engine.put_frame(pixels, time.monotonic_ns())
            put += 1
        elif (picture := engine.frame(after=seen, timeout=0.1)) is not None:
            seen = picture.number
        else:
            put = seen - start  # one of them was dropped for a newer one
    return (seen - start) / (time.monotonic() - begin)
