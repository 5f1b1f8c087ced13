"""The frame that travels between stages, and the chunk that a pipeline returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

FrameDtype = Literal["float32", "uint8"]


class Stamp(NamedTuple):
    """Which picture it is and when.

    `time`: seconds since the start of the film or the show. `sequence`: the number of the picture in its source, from
    0. `captured`: monotonic seconds when the source gave it, live; None offline. `film`: live, seconds into the file
    that plays; None for other sources.
    """

    time: float
    sequence: int = 0
    captured: float | None = None
    film: float | None = None


class Sound(NamedTuple):
    """`samples`: (channels, N) float32 in [-1, 1] on the CPU. `rate`: samples a second."""

    samples: Tensor
    rate: int

    @property
    def seconds(self) -> Fraction:
        """How long it is."""
        return Fraction(self.samples.shape[1], self.rate)


@dataclass(frozen=True)
class Frame:
    """One input frame as it travels to a pipeline.

    `pixels`: (1, H, W, 3) in [0, 255], float32 or uint8, on any device. `ports`: what a preprocessor gave for this very
    frame besides the picture, each (1, H, W, C). `frame_rate`: the playback rate that a pipeline before has set.
    """

    pixels: Tensor
    stamp: Stamp
    ports: Mapping[str, Tensor] = field(default_factory=dict)
    frame_rate: float | None = None

    @property
    def time(self) -> float:
        """Seconds since the start."""
        return self.stamp.time


@dataclass(frozen=True)
class Chunk:
    """What one call of a pipeline returned.

    `video`: THWC float32 in [0, 1], 3 channels; without a frame for a pipeline that makes only sound. `stamps`: one a
    frame, which also say from which input frame it was made. `extras`: the other keys. `frame_rate`: the playback
    rate, if this pipeline or one before it sets one.
    """

    video: Tensor
    stamps: Sequence[Stamp]
    extras: Mapping[str, Any] = field(default_factory=dict)
    frame_rate: float | None = None
    sound: Sound | None = None


def to_dtype(pixels: Tensor, dtype: FrameDtype) -> Tensor:
    """Pixels in [0, 255], uint8 or float, in the dtype in which a pipeline receives them."""
    if dtype == "uint8":
        return pixels if pixels.dtype == torch.uint8 else pixels.round().clamp(0, 255).to(torch.uint8)
    return pixels.to(torch.float32)


def split(chunk: Chunk, ports: Sequence[str]) -> list[Frame]:
    """A chunk as the next stage's input frames, float32, on the device where it lies.

    An extra whose name is among `ports`, the next stage's `inputs`, and which has one entry a frame, stays in step:
    each frame carries its own part.
    """
    pixels = chunk.video * 255.0
    in_step = {name: chunk.extras[name] for name in ports if is_stream(chunk, name)}
    return [
        Frame(pixels[i : i + 1], stamp, {n: value[i : i + 1] for n, value in in_step.items()}, chunk.frame_rate)
        for i, stamp in enumerate(chunk.stamps)
    ]


def onward_values(chunk: Chunk, ports: Sequence[str]) -> dict[str, Any]:
    """The extras that reach the next stage as parameters: those that do not travel with its frames."""
    return {name: value for name, value in chunk.extras.items() if name not in ports or not is_stream(chunk, name)}


def is_stream(chunk: Chunk, name: str) -> bool:
    """True if the extra `name` has one entry for each frame of the chunk."""
    value = chunk.extras.get(name)
    return isinstance(value, Tensor) and value.ndim == 4 and value.shape[0] == chunk.video.shape[0]


def passed(frames: Sequence[Frame]) -> Chunk:
    """Input frames as a chunk, for a stage that lets them by; those of another size than the first are resized."""
    height, width = frames[0].pixels.shape[1:3]
    video = torch.cat([_fit(frame.pixels, height, width) for frame in frames])
    return Chunk(video, [frame.stamp for frame in frames], frame_rate=frames[0].frame_rate)


def _fit(pixels: Tensor, height: int, width: int) -> Tensor:
    picture = pixels.to(torch.float32) / 255.0
    if picture.shape[1:3] == (height, width):
        return picture
    planar = torch.nn.functional.interpolate(
        picture.permute(0, 3, 1, 2), (height, width), mode="bilinear", antialias=True, align_corners=False
    )
    return planar.permute(0, 2, 3, 1)
