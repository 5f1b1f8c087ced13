"""Frames as a host sends them: (1, H, W, 3) in [0, 255], uint8 unless told otherwise."""

import functools
from collections.abc import Callable, Sequence
from importlib import resources

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

Size = tuple[int, int]
Content = Callable[[int, Size], list[Tensor]]

PHOTOS = ("meadow.jpg", "stretch.jpg")


def photo_clip(count: int, size: Size, photo: int = 0) -> list[Tensor]:
    """A window that pans over a photograph: real texture with real motion, 3 pixels a frame."""
    height, width = size
    picture = _photo(PHOTOS[photo], height, width + 3 * 32)
    starts = [3 * (index % 32) for index in range(count)]
    return [picture[:, :, start : start + width].clone() for start in starts]


def noise_clip(count: int, size: Size) -> list[Tensor]:
    """Uniform noise, the same in every run."""
    generator = torch.Generator().manual_seed(7)
    return [torch.randint(0, 256, (1, *size, 3), dtype=torch.uint8, generator=generator) for _ in range(count)]


def flat_clip(level: int) -> Content:
    """Frames of one level: 0 is black, 255 is white."""

    def content(count: int, size: Size) -> list[Tensor]:
        return [torch.full((1, *size, 3), level, dtype=torch.uint8) for _ in range(count)]

    return content


def dark_clip(count: int, size: Size) -> list[Tensor]:
    """Levels 0 and 1 only: almost black, and easily mistaken for a picture that is in [0, 1] already."""
    return [(frame > 127).to(torch.uint8) for frame in noise_clip(count, size)]


def as_float(frames: Sequence[Tensor]) -> list[Tensor]:
    """The same frames as float32 in [0, 255]."""
    return [frame.to(torch.float32) for frame in frames]


def strided(frames: Sequence[Tensor]) -> list[Tensor]:
    """The same pixels in memory that is not contiguous, as a cropped or flipped view has it."""
    return [frame.permute(0, 2, 1, 3).contiguous().permute(0, 2, 1, 3) for frame in frames]


@functools.cache
def _photo(name: str, height: int, width: int) -> Tensor:
    with resources.files("scope_testkit").joinpath("photos", name).open("rb") as file:
        pixels = torch.from_numpy(np.array(Image.open(file).convert("RGB")))
    planes = pixels.permute(2, 0, 1)[None].to(torch.float32)
    sized = F.interpolate(planes, (height, width), mode="bilinear", antialias=True, align_corners=False)
    return sized.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
