"""Benchmark: a stream of random or installed weights, timed after warm-up.

scope bench wan --height 480 --width 832 --vae lighttae --random-weights
scope bench wan --tiny
"""

import argparse
import resource
import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from scope_wan_vace.bench.flops import H100_TFLOPS, chunk_cost, codec_cost
from scope_wan_vace.catalogue import GENERATORS, GeneratorName, StreamConfig, VaeType
from scope_wan_vace.codec import Codec
from scope_wan_vace.codec.taehv import Taehv, TaehvSizes
from scope_wan_vace.loading.models import Models, compile_blocks, load_models
from scope_wan_vace.model.config import WAN_1_3B, DitConfig
from scope_wan_vace.model.dit import Dit
from scope_wan_vace.model.vace import VaceBranch
from scope_wan_vace.pipeline.pipeline import check_size
from scope_wan_vace.stream.control import SETTLED_LATENTS, Control
from scope_wan_vace.stream.sampler import text_sigmas
from scope_wan_vace.stream.session import ChunkRequest, Session
from scope_wan_vace.stream.warmup import warm_up
from scope_wan_vace.tiny import TINY_DIT, TINY_TAEHV


@dataclass(frozen=True)
class Options:
    """What to measure.

    Attributes:
        window: latent frames of attention; None for the generator's own.
        video: start from input frames, which adds their encoding.
        random_weights: instead of the installed ones; speed does not depend on them.
        tiny: a model of a few thousand weights, to see the benchmark itself work on a CPU.
    """

    height: int = 480
    width: int = 832
    steps: int = 4
    vae: VaeType = VaeType.LIGHTTAE
    generator: GeneratorName = GeneratorName.LONGLIVE
    window: int | None = None
    vace: bool = False
    video: bool = False
    chunks: int = 20
    random_weights: bool = False
    tiny: bool = False


@dataclass(frozen=True)
class Result:
    """What came out; times in milliseconds a chunk, memory in GB."""

    device: str
    frames_per_second: float
    chunk_ms: float
    stage_ms: dict[str, float]
    peak_memory_gb: float
    chunk_tflop: float

    @property
    def tflops(self) -> float:
        """TFLOP/s achieved end to end."""
        return self.chunk_tflop / (self.chunk_ms / 1000)


class Stopwatch:
    """Sums up the time of named stages; on CUDA by events, so that nothing waits."""

    def __init__(self, device: torch.device):
        self._cuda = device.type == "cuda"
        self._spans: dict[str, list[tuple]] = defaultdict(list)

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Time what happens inside."""
        start = self._now()
        yield
        self._spans[name].append((start, self._now()))

    def _now(self):
        if not self._cuda:
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def clear(self) -> None:
        """Forget warm-up."""
        self._spans.clear()

    def milliseconds(self, chunks: int) -> dict[str, float]:
        """Mean time of every stage a chunk."""
        return {name: sum(self._length(*span) for span in spans) / chunks for name, spans in self._spans.items()}

    def _length(self, start, end) -> float:
        return start.elapsed_time(end) if self._cuda else (end - start) * 1000


def random_models(options: Options, device: torch.device, dtype: torch.dtype) -> Models:
    """Models of the right shapes; on the meta device they hold nothing."""
    config = TINY_DIT if options.tiny else WAN_1_3B
    dit = _filled(Dit, config, device, dtype)
    vace = _filled(VaceBranch, config, device, dtype) if options.vace else None
    return Models(dit, vace, _random_codec(options, device, dtype), stream_of(options), device)


def stream_of(options: Options) -> StreamConfig:
    """The generator's window, or the one asked for."""
    stream = GENERATORS[options.generator].stream
    return stream if options.window is None else replace(stream, window=options.window)


def _filled[ModuleT: nn.Module](
    kind: type[ModuleT], config: DitConfig | TaehvSizes, device: torch.device, dtype: torch.dtype
) -> ModuleT:
    with torch.device("meta"):
        module = kind(config)
    return _randomised(module, device, dtype)


def _randomised[ModuleT: nn.Module](module: ModuleT, device: torch.device, dtype: torch.dtype) -> ModuleT:
    module = module.to(dtype).to_empty(device=device).eval().requires_grad_(False)
    for name, weight in module.named_parameters():
        nn.init.ones_(weight) if "norm" in name and name.endswith("weight") else nn.init.normal_(weight, std=0.02)
    for part in ("time_embedding", "time_projection"):
        if hasattr(module, part):
            getattr(module, part).float()
    return module


def _random_codec(options: Options, device: torch.device, dtype: torch.dtype) -> Codec:
    if options.vae in (VaeType.TAE, VaeType.LIGHTTAE):
        from scope_wan_vace.codec.tae import TaeCodec

        raw, sizes = options.vae is VaeType.LIGHTTAE, TINY_TAEHV if options.tiny else TaehvSizes()
        return TaeCodec(_filled(Taehv, sizes, device, dtype), raw_encoder=raw, raw_decoder=raw)
    from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan

    from scope_wan_vace.codec.wan import WanCodec

    base = 4 if options.tiny else 96 if options.vae is VaeType.WAN else 24
    with torch.device("meta"):
        vae = AutoencoderKLWan(base_dim=base)
    return WanCodec(_randomised(vae, device, dtype))


@torch.inference_mode()
def measure(options: Options, device: torch.device) -> Result:
    """Warm up until the window is full, then stream, first for the rate and then stage by stage.

    Raises:
        ValueError: a size or window that does not fit.
        WeightsError: installed weights were asked for and are missing or damaged.
    """
    check_size(options.height, options.width)
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    if options.random_weights or options.tiny:
        models = random_models(options, device, dtype)
    else:
        loaded = load_models(options.generator, options.vae, options.vace, device, dtype)
        models = replace(loaded, stream=stream_of(options) if options.window else loaded.stream)
    if device.type == "cuda":
        compile_blocks(models)
        torch.cuda.reset_peak_memory_stats(device)
    seconds, frames = _run(options, Session(models, options.height, options.width))
    watch = Stopwatch(device)
    apart = Session(models, options.height, options.width, fuse=False, stage=watch.stage)
    _run(options, apart, watch)
    return Result(
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        frames_per_second=frames / seconds,
        chunk_ms=1000 * seconds / options.chunks,
        stage_ms=watch.milliseconds(options.chunks),
        peak_memory_gb=_peak_memory(device),
        chunk_tflop=chunk_tflop(options, models.dit.config, models.stream),
    )


def _shot(options: Options, session: Session, sigmas: Tensor) -> ChunkRequest:
    """The next chunk's requests, with grey pictures for input."""
    frames = torch.zeros(1, 3, session.next_frames, *session.size, device=session.models.device)
    video, control = frames if options.video else None, Control(frames) if options.vace else None
    return ChunkRequest(seed=0, sigmas=sigmas, video=video, control=control)


def _run(options: Options, session: Session, watch: Stopwatch | None = None) -> tuple[float, int]:
    """Seconds and frames of the timed chunks, after everything has settled."""
    config, device = session.models.dit.config, session.models.device
    steps = [1000 - 1000 * index // options.steps for index in range(options.steps)]
    sigmas = text_sigmas(steps).to(device)
    warm_up(session, torch.randn(1, config.text_length, config.text_dim, device=device))
    settled = SETTLED_LATENTS // session.models.stream.block + 3 if options.vace else 1
    for _ in range(max(session.ring.slots + 1, settled)):
        session.generate(_shot(options, session, sigmas))
    _wait(device)
    if watch is not None:
        watch.clear()
    start, frames = time.perf_counter(), 0
    for _ in range(options.chunks):
        frames += session.generate(_shot(options, session, sigmas)).shape[2]
    _wait(device)
    return time.perf_counter() - start, frames


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _peak_memory(device: torch.device) -> float:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def chunk_tflop(options: Options, config: DitConfig, stream: StreamConfig) -> float:
    """Arithmetic of one chunk of this benchmark."""
    codec = _random_codec(options, torch.device("meta"), torch.bfloat16)
    cost = codec_cost(codec, stream.block, options.height, options.width)
    size = (options.height, options.width)
    return chunk_cost(config, stream, cost, *size, options.steps, options.vace, options.video)


def table(options: Options, result: Result) -> str:
    """The result in words and numbers, a line each."""
    stages = {name: f"{result.stage_ms.get(name, 0.0):.2f} ms" for name in ("encode", "denoise", "clean", "decode")}
    rows = {
        "device": result.device,
        "picture": f"{options.width}x{options.height}, {options.steps} steps, {options.vae}",
        "end to end": f"{result.frames_per_second:.2f} frames/s, {result.chunk_ms:.2f} ms a chunk",
        **stages,
        "peak memory": f"{result.peak_memory_gb:.2f} GB",
        "arithmetic": f"{result.chunk_tflop:.4g} TFLOP a chunk, {result.tflops:.4g} TFLOP/s",
        "of an H100": f"{100 * result.tflops / H100_TFLOPS:.2g} % of {H100_TFLOPS:.0f} TFLOP/s",
    }
    return "\n".join(f"{name:<12}{value}" for name, value in rows.items())


def parse(arguments: Sequence[str]) -> Options:
    """Options from the command line."""
    parser = argparse.ArgumentParser(prog="scope bench wan", description=__doc__.splitlines()[0])
    parser.add_argument("--height", type=int)
    parser.add_argument("--width", type=int)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--vae", type=VaeType, choices=list(VaeType))
    parser.add_argument("--generator", type=GeneratorName, choices=list(GeneratorName))
    parser.add_argument("--window", type=int, help="latent frames of attention")
    parser.add_argument("--chunks", type=int, help="chunks to time, at least one")
    parser.add_argument("--vace", action="store_true", help="with control frames")
    parser.add_argument("--video", action="store_true", help="start from input frames")
    parser.add_argument("--random-weights", action="store_true", help="instead of the installed ones")
    parser.add_argument("--tiny", action="store_true", help="a tiny model at 48x32, to try the benchmark on a CPU")
    given: dict[str, Any] = {
        name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None
    }
    size: dict[str, Any] = {"height": 32, "width": 48} if given["tiny"] else {}
    options = Options(**(size | given))
    if options.steps < 1 or options.chunks < 1:
        parser.error("--steps and --chunks must be at least 1")
    return options


def run(arguments: Sequence[str]) -> int:
    """Measure and print the table; the exit code."""
    options = parse(arguments)
    try:
        result = measure(options, torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    except (ValueError, RuntimeError) as error:
        print(error)
        return 1
    print(table(options, result))
    return 0
