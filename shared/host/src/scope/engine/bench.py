"""`scope bench host`: what a show costs without a server: frames a second of chains, and the hop to the engine and back.

scope bench host --json host.json
scope bench host --seconds 1 --sizes 512x512
scope bench host --soak 30
"""

import argparse
import json
import os
import platform
import statistics
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline, Requirements
from scope.core.pipelines.registry import Registry
from scope.engine import link, soak
from scope.engine.inline import InlineEngine
from scope.engine.process import EngineProcess

SIZES = ((512, 512), (1280, 720), (1920, 1080))
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


class _Config(BasePipelineConfig):
    modes = {"video": ModeDefaults(default=True)}
    supports_prompts = False


class PassthroughConfig(_Config):
    pipeline_id = "passthrough"
    pipeline_name = "Passthrough"
    pipeline_description = "Returns its input."


class GrayConfig(_Config):
    pipeline_id = "gray"
    pipeline_name = "Gray"
    pipeline_description = "Returns the luma of its input."


class Passthrough(Pipeline):
    """The least that a plugin can do with uint8 frames."""

    def __init__(self, **load: Any) -> None:
        pass

    @classmethod
    def get_config_class(cls) -> type[BasePipelineConfig]:
        return PassthroughConfig

    def prepare(self, **kwargs: Any) -> Requirements:
        """One frame a call."""
        return Requirements(input_size=1)

    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        """THWC in [0, 1]."""
        return {"video": torch.cat(kwargs["video"]).to(torch.float32).mul_(1 / 255)}


class Gray(Passthrough):
    """Rec. 709 luma in all three channels."""

    @classmethod
    def get_config_class(cls) -> type[BasePipelineConfig]:
        return GrayConfig

    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        """THWC in [0, 1]."""
        picture = super().__call__(**kwargs)["video"]
        weights = torch.tensor([0.2126, 0.7152, 0.0722], device=picture.device)
        return {"video": (picture @ weights).unsqueeze(-1).expand(-1, -1, -1, 3)}


def run(arguments: Sequence[str]) -> int:
    """Measure and print; the exit code."""
    options = parse(arguments)
    if options.soak is not None:
        return soak.run(options.soak)
    report = {"machine": machine(), "command": " ".join(["scope bench host", *arguments])}
    print(
        "\n".join(f"{name:<10}{value}" for name, value in (report["machine"] | {"command": report["command"]}).items())
    )
    print(f"\n{'where':<14}{'chain':<13}{'size':<11}{'frames/s':>9}{'ms p50':>9}{'ms p95':>9}")
    rows = []
    for row in measure(options):
        rows.append(asdict(row))
        print(
            f"{row.where:<14}{row.chain:<13}{row.size:<11}{row.fps:>9.1f}{row.ms_p50:>9.2f}{row.ms_p95:>9.2f}",
            flush=True,
        )
    if options.json is not None:
        options.json.write_text(json.dumps(report | {"rows": rows}, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(options: argparse.Namespace) -> Iterator[Row]:
    """Every chain and size in this process, in both ways of threading; then the empty chain in a process of its own."""
    registry = Registry()
    for pipeline in (Passthrough, Gray):
        registry.register(pipeline)
    for lanes in ("one", "each"):
        for chain in CHAINS:
            with playing(InlineEngine(link.Options(lanes=lanes), registry), CHAINS[chain]) as engine:
                for size in options.sizes:
                    yield row(f"lanes {lanes}", chain, size, engine, options.seconds)
    with playing(EngineProcess(), ()) as engine:
        for size in options.sizes:
            yield row("own process", "empty", size, engine, options.seconds)


@contextmanager
def playing(engine: InlineEngine | EngineProcess, chain: Sequence[str]) -> Generator[link.Engine]:
    """An engine that plays a chain on what `put_frame` brings."""
    stages = [{"id": f"{name}-{i}", "pipeline": name, "role": "post"} for i, name in enumerate(chain)]
    up = threading.Event()
    engine.listen(lambda event: up.set() if isinstance(event, link.Ready) else None)
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
    p95 = alone[min(len(alone) - 1, int(len(alone) * 0.95))]
    fps = throughput(engine, pixels, seconds)
    return Row(where, chain, f"{size[0]}x{size[1]}", fps, statistics.median(alone), p95)


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


def machine() -> dict[str, Any]:
    """What the figures hold for."""
    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU"
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return {
        "machine": f"{processor()}, {os.cpu_count()} cores, {device}{load}",
        "versions": f"python {platform.python_version()}, torch {torch.__version__}, numpy {np.__version__}",
        "date": time.strftime("%Y-%m-%d"),
        "system": f"{platform.system()} {platform.release()}, {sys.platform}",
    }


def processor() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Options from the command line."""
    parser = argparse.ArgumentParser(prog="scope bench host", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=size_of, nargs="+", default=list(SIZES), metavar="WxH")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each figure")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="play for so long and watch the memory instead")
    parser.add_argument("--json", type=Path, help="write the table there as well")
    return parser.parse_args(arguments)


def size_of(text: str) -> tuple[int, int]:
    """`512x512` as (512, 512)."""
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"expected a size as WxH, got {text!r}")
    return int(width), int(height)
