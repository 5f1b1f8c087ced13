"""The frame that travels between stages, and the chunk that a pipeline returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

FrameDtype = Literal["float32", "uint8"]


@dataclass(frozen=True)
class Frame:
    """One input frame as pipelines receive it.

    `pixels`: (1, H, W, 3) in [0, 255], float32 or uint8. `time`: seconds since the start of the film. `ports`: what a
    preprocessor gave for this very frame besides the picture, each (1, H, W, C).
    """

    pixels: Tensor
    time: float
    ports: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Chunk:
    """What one call of a pipeline returned.

    `video`: THWC float in [0, 1], 3 channels. `times`: the time of each frame in seconds. `extras`: the other keys.
    `frame_rate`: the playback rate, if the pipeline sets one.
    """

    video: Tensor
    times: Sequence[float]
    extras: Mapping[str, Any] = field(default_factory=dict)
    frame_rate: float | None = None


def to_dtype(pixels: Tensor, dtype: FrameDtype) -> Tensor:
    """Pixels in [0, 255], uint8 or float, in the dtype in which pipelines shall receive them."""
    if dtype == "uint8":
        return pixels if pixels.dtype == torch.uint8 else pixels.round().clamp(0, 255).to(torch.uint8)
    return pixels.to(torch.float32)


def split(chunk: Chunk, dtype: FrameDtype, ports: Sequence[str]) -> list[Frame]:
    """A chunk as the next stage's input frames, on the device where it lies.

    An extra whose name the next stage lists among its `inputs`, a tensor with one entry a frame, stays in step: each
    frame carries its own part.
    """
    pixels = to_dtype(chunk.video * 255.0, dtype)
    in_step = {name: chunk.extras[name] for name in ports if is_stream(chunk, name)}
    return [
        Frame(pixels[i : i + 1], time, {name: value[i : i + 1] for name, value in in_step.items()})
        for i, time in enumerate(chunk.times)
    ]


def is_stream(chunk: Chunk, name: str) -> bool:
    """True if the extra `name` has one entry for each frame of the chunk."""
    value = chunk.extras.get(name)
    return isinstance(value, Tensor) and value.ndim == 4 and value.shape[0] == chunk.video.shape[0]


def as_video(frames: Sequence[Frame]) -> Tensor:
    """Input frames as a picture again, THWC float in [0, 1]; frames of another size than the first are resized."""
    height, width = frames[0].pixels.shape[1:3]
    return torch.cat([_fit(frame.pixels, height, width) for frame in frames])


def _fit(pixels: Tensor, height: int, width: int) -> Tensor:
    picture = pixels.to(torch.float32) / 255.0
    if picture.shape[1:3] == (height, width):
        return picture
    planar = torch.nn.functional.interpolate(
        picture.permute(0, 3, 1, 2), (height, width), mode="bilinear", antialias=True, align_corners=False
    )
    return planar.permute(0, 2, 3, 1)
