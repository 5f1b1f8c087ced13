"""Pictures in the forms that clients send them → BCTHW."""

from collections import deque
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn import functional as F

from scope.core.config import get_assets_dir


class InputError(ValueError):
    """Control input that cannot be used; the message names the field, what was expected and what came."""


def last_frames(frames: Tensor, count: int) -> Tensor:
    """The last `count` frames of BCTHW; a shorter clip holds its first frame in front."""
    missing = count - frames.shape[2]
    if missing > 0:
        frames = torch.cat([frames[:, :, :1].expand(-1, -1, missing, -1, -1), frames], dim=2)
    return frames[:, :, -count:]


def control_frames(value: Tensor | Sequence[Tensor], size: tuple[int, int], device: torch.device) -> Tensor:
    """`vace_input_frames` → [1, 3, T, H, W] in [-1, 1].

    Accepts THWC in [0, 1], THWC uint8 in [0, 255], a list of such (1, H, W, C), or BCTHW in [-1, 1].

    Raises:
        InputError: anything else.
    """
    clip = _clip("vace_input_frames", value, device)
    if clip.shape[1] == 1:
        clip = clip.expand(-1, 3, -1, -1, -1)
    return _resized(clip[:, :3], size, "bilinear").clamp(-1, 1)


def control_masks(value: Tensor | Sequence[Tensor], size: tuple[int, int], device: torch.device) -> Tensor:
    """`vace_input_masks` → [1, 1, T, H, W] of 0 (keep) and 1 (generate).

    Accepts what `control_frames` does, and THW; the first channel counts. Of BCTHW the value 0 keeps as -1 does.

    Raises:
        InputError: anything else.
    """
    if isinstance(value, Tensor) and value.ndim == 3:
        value = value[..., None]
    planar = isinstance(value, Tensor) and value.ndim == 5
    clip = _clip("vace_input_masks", value, device)[:, :1]
    zero_one = clip if planar else (clip + 1) / 2
    return (_resized(zero_one, size, "nearest-exact") > 0.5).float()


def _clip(name: str, value: Tensor | Sequence[Tensor], device: torch.device) -> Tensor:
    if isinstance(value, list | tuple) and value and all(isinstance(part, Tensor) and part.ndim == 4 for part in value):
        value = torch.cat(list(value))
    if not isinstance(value, Tensor) or value.ndim not in (4, 5) or 0 in value.shape:
        shape = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise InputError(f"{name}: expected THWC in [0, 1] or BCTHW in [-1, 1], got {shape}")
    channels = value.shape[1 if value.ndim == 5 else 3]
    if channels not in (1, 3, 4):
        raise InputError(f"{name}: expected 1, 3 or 4 channels, got {channels} in {tuple(value.shape)}")
    if value.ndim == 5:
        return value[:1].to(device, torch.float32, non_blocking=True)
    whole = value.to(device, non_blocking=True).permute(3, 0, 1, 2)[None]
    top = 255.0 if value.dtype == torch.uint8 else 1.0
    return whole.float() / (top / 2) - 1


def _resized(clip: Tensor, size: tuple[int, int], mode: str) -> Tensor:
    if tuple(clip.shape[-2:]) == size:
        return clip
    flat = clip[0].transpose(0, 1)
    smooth = mode == "bilinear"
    return F.interpolate(flat, size, mode=mode, antialias=smooth).transpose(0, 1)[None]


def read_image(name: str, path: object, size: tuple[int, int], device: torch.device, whole: bool) -> Tensor:
    """An image file → [1, 3, 1, H, W] in [-1, 1].

    Args:
        name: the field it came in, for the message.
        path: absolute, or relative to the host's assets folder.
        whole: True fits the image in with white bars (a reference), False fills the frame and crops (a frame).

    Raises:
        InputError: no such file, or no image.
    """
    if not isinstance(path, str | Path) or not str(path):
        raise InputError(f"{name}: expected the path of an image, got {path!r}")
    found = get_assets_dir() / path
    try:
        with Image.open(found) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"{name}: expected an image file at {found}, got {error}") from error
    fit = ImageOps.pad(upright, size[::-1], color="white") if whole else ImageOps.fit(upright, size[::-1])
    pixels = torch.from_numpy(np.array(fit)).to(device)
    return (pixels.float() / 127.5 - 1).permute(2, 0, 1)[None, :, None]


def read_clip(name: str, path: str, size: tuple[int, int], device: torch.device, most: int) -> Tensor:
    """The last `most` frames of a video file, or an image file as one frame → [1, 3, T, H, W] in [-1, 1].

    Frames fill the picture; what stands out is cropped.

    Raises:
        InputError: no such file, or neither image nor video.
    """
    found = get_assets_dir() / path
    # PyAV reads images too, but neither their orientation nor what Pillow alone can open.
    if Image.registered_extensions().get(found.suffix.lower()) not in (None, "GIF"):
        return read_image(name, path, size, device, whole=False)
    try:
        with av.open(str(found)) as video:
            pictures = deque((frame.to_image() for frame in video.decode(video=0)), maxlen=most)
    except (OSError, av.error.FFmpegError, IndexError) as error:
        raise InputError(f"{name}: expected an image or a video file at {found}, got {error}") from error
    if not pictures:
        raise InputError(f"{name}: expected an image or a video file at {found}, got a video without pictures")
    pixels = torch.from_numpy(np.stack([np.array(ImageOps.fit(picture, size[::-1])) for picture in pictures]))
    return (pixels.to(device).float() / 127.5 - 1).permute(3, 0, 1, 2)[None]
