"""A stream, timed after warm-up: first for the rate, then stage by stage, then over a prompt switch."""

import contextlib
import resource
import time
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from scope_wan_vace.bench.clock import Stopwatch, wait
from scope_wan_vace.bench.flops import chunk_cost, codec_cost
from scope_wan_vace.bench.micro import Part, measure_parts
from scope_wan_vace.bench.options import Options
from scope_wan_vace.bench.subjects import models_of, random_codec
from scope_wan_vace.catalogue import StreamConfig, nearest_size
from scope_wan_vace.model.config import DitConfig
from scope_wan_vace.stream.compiled import PLAIN, compiled
from scope_wan_vace.stream.control import SETTLED_LATENTS, Control
from scope_wan_vace.stream.request import ChunkRequest
from scope_wan_vace.stream.sampler import text_sigmas
from scope_wan_vace.stream.session import Session
from scope_wan_vace.stream.warmup import warm_up


@dataclass(frozen=True)
class Result:
    """What came out; times in milliseconds, memory in GB.

    Attributes:
        switch_ms: from a new, encoded prompt to the first pictures under it.
    """

    device: str
    frames_per_second: float
    chunk_ms: float
    stage_ms: dict[str, float]
    switch_ms: float
    peak_memory_gb: float
    chunk_tflop: float
    parts: list[Part]

    @property
    def tflops(self) -> float:
        """TFLOP/s achieved end to end."""
        return self.chunk_tflop / (self.chunk_ms / 1000)


@torch.inference_mode()
def measure(options: Options, device: torch.device, with_parts: bool = True) -> Result:
    """Measure the whole, and its parts.

    Raises:
        ValueError: a size or window that does not fit.
        WeightsError: installed weights were asked for and are missing or damaged.
    """
    check_size(options.height, options.width)
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    models = models_of(options, device, dtype)
    fast = device.type == "cuda" and not options.eager
    runners = compiled() if fast else PLAIN
    if fast:
        models.codec.compile()
    with _strict():
        parts = measure_parts(options, models, runners, device) if with_parts else []
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        session = Session(models, options.height, options.width, runners, graphs=fast)
        seconds, frames = _run(options, session)
        switch = _switch_ms(options, session)
        peak = _peak_memory(device)
        if options.profile:
            _trace(options, session)
        watch = Stopwatch(device)
        _run(options, Session(models, options.height, options.width, runners, graphs=fast, stage=watch.stage), watch)
    return Result(
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        frames_per_second=frames / seconds,
        chunk_ms=1000 * seconds / options.chunks,
        stage_ms=watch.milliseconds(options.chunks),
        switch_ms=switch,
        peak_memory_gb=peak,
        chunk_tflop=chunk_tflop(options, models.dit.config, models.stream),
        parts=parts,
    )


@contextlib.contextmanager
def _strict() -> Generator[None]:
    """Fail where compiled code would give up and run uncompiled for good."""
    with torch._dynamo.config.patch(fail_on_recompile_limit_hit=True):
        yield


def _request(options: Options, session: Session) -> ChunkRequest:
    """The next chunk, with grey pictures for input."""
    steps = [1000 - 1000 * index // options.steps for index in range(options.steps)]
    sigmas = text_sigmas(steps).to(session.models.device)
    frames = torch.zeros(1, 3, session.next_frames, *session.size, device=session.models.device)
    video, control = frames if options.video else None, Control(frames) if options.vace else None
    return ChunkRequest(seed=0, sigmas=sigmas, video=video, control=control)


def _prompt(session: Session) -> Tensor:
    config = session.models.dit.config
    return torch.randn(1, config.text_length, config.text_dim, device=session.models.device)


def _run(options: Options, session: Session, watch: Stopwatch | None = None) -> tuple[float, int]:
    """Seconds and frames of the timed chunks, after everything has settled."""
    device = session.models.device
    warm_up(session, _prompt(session))
    settled = SETTLED_LATENTS // session.models.stream.block + 3 if options.vace else 1
    for _ in range(max(session.ring.slots + 3, settled)):
        session.generate(_request(options, session))
    wait(device)
    if watch is not None:
        watch.clear()
    start, frames = time.perf_counter(), 0
    for _ in range(options.chunks):
        frames += session.generate(_request(options, session)).shape[2]
    wait(device)
    return time.perf_counter() - start, frames


def _switch_ms(options: Options, session: Session) -> float:
    """The median of five prompt switches."""
    times = []
    for _ in range(5):
        prompt = _prompt(session)
        wait(session.models.device)
        start = time.perf_counter()
        session.set_text(prompt, recache=True)
        session.generate(_request(options, session))[0, 0, 0].cpu()
        times.append(1000 * (time.perf_counter() - start))
    return sorted(times)[2]


def _trace(options: Options, session: Session) -> None:
    """Three chunks under the profiler."""
    activities = [ProfilerActivity.CPU]
    if session.models.device.type == "cuda":
        activities.append(ProfilerActivity.CUDA)
    with profile(activities=activities) as recorded:
        for _ in range(3):
            session.generate(_request(options, session))
        wait(session.models.device)
    recorded.export_chrome_trace(str(options.profile))


def _peak_memory(device: torch.device) -> float:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def chunk_tflop(options: Options, config: DitConfig, stream: StreamConfig) -> float:
    """Arithmetic of one chunk of this benchmark."""
    codec = random_codec(options, torch.device("meta"), torch.bfloat16)
    cost = codec_cost(codec, stream.block, options.height, options.width)
    size = (options.height, options.width)
    return chunk_cost(config, stream, cost, *size, options.steps, options.vace, options.video)


def check_size(height: int, width: int) -> None:
    """Refuse a size that the model cannot make.

    Raises:
        ValueError: with the nearest size that it can.
    """
    nearest = nearest_size(height, width)
    if nearest != (height, width):
        raise ValueError(
            f"scope-wan-vace: width and height must be multiples of 16, got {width}x{height}; "
            f"the nearest is {nearest[1]}x{nearest[0]}"
        )
