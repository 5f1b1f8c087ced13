"""The rows of the README's tables of speed, measured one after another."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from scope_wan_vace.bench.flops import H100_TFLOPS
from scope_wan_vace.bench.measure import Result, chunk_tflop, measure
from scope_wan_vace.bench.options import Options
from scope_wan_vace.bench.subjects import config_of, stream_of
from scope_wan_vace.catalogue import VaeType
from scope_wan_vace.codec.chunks import pixel_frames

SIZES = ((480, 832), (320, 576))  # height, width


@dataclass(frozen=True)
class Row:
    """What is played, with which autoencoder, at which size, and frames a second to be reached on one H100."""

    mode: str
    vae: VaeType
    size: tuple[int, int] = SIZES[0]
    target: int | None = None

    def options(self, asked: Options) -> Options:
        """A run of its own; a tiny model keeps its size."""
        height, width = (asked.height, asked.width) if asked.tiny else self.size
        mode = {"video": self.mode == "video", "vace": self.mode == "VACE"}
        return replace(asked, height=height, width=width, vae=self.vae, **mode)

    @property
    def name(self) -> str:
        """The first cell."""
        return f"{self.mode}, {'lighttae or tae' if self.vae is VaeType.LIGHTTAE else self.vae}"


ROWS = (
    Row("text", VaeType.WAN, target=26),
    Row("text", VaeType.LIGHTVAE),
    Row("text", VaeType.LIGHTTAE, target=40),
    Row("video", VaeType.WAN),
    Row("video", VaeType.LIGHTTAE),
    Row("VACE", VaeType.WAN, target=20),
    Row("VACE", VaeType.LIGHTTAE, target=28),
    Row("text", VaeType.WAN, SIZES[1]),
    Row("text", VaeType.LIGHTTAE, SIZES[1], target=100),
    Row("VACE", VaeType.LIGHTTAE, SIZES[1]),
)


# The targets of the micro-benchmarks are those of this one.
MAIN_ROW = ROWS[2]


def measured(asked: Options, device: torch.device) -> Iterator[tuple[Row, Result]]:
    """Every row; the micro-benchmarks with the main one alone, and a trace of each where one is asked for."""
    for number, row in enumerate(ROWS, 1):
        options = row.options(asked)
        if asked.profile:
            path = Path(asked.profile)
            options = replace(options, profile=str(path.with_stem(f"{path.stem}-{number}")))
        yield row, measure(options, device, with_parts=row is MAIN_ROW)
        # The next models need the room of these.
        gc.collect()
        if device.type == "cuda":
            torch.cuda.empty_cache()


def head(size: tuple[int, int], card: str) -> str:
    """The head of the table of one size, in Markdown."""
    cells = (f"{size[1]}x{size[0]}", "TFLOP a chunk", "ceiling, frames/s", "target", f"measured, {card}")
    return f"| {' | '.join(cells)} |\n{'| --- ' * len(cells)}|"


def line(row: Row, asked: Options, result: Result | None = None) -> str:
    """A row in Markdown; without a result its last cell is empty."""
    options = row.options(asked)
    stream = stream_of(options)
    tflop = chunk_tflop(options, config_of(options), stream)
    ceiling = pixel_frames(stream.block, first=False) * H100_TFLOPS / tflop
    found = "" if result is None else f"{result.frames_per_second:.1f} "
    return f"| {row.name} | {tflop:.1f} | {ceiling:.0f} | {f'{row.target} ' if row.target else ''}| {found}|"
