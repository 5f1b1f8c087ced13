"""Frames to chunks and back, for pipelines that work in BCTHW. Importing this module does not import torch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def normalize_frame_sizes(
    frames: "Sequence[Tensor]",
    target_height: int | None = None,
    target_width: int | None = None,
    device: "torch.device | str | None" = None,
    dtype: "torch.dtype | None" = None,
) -> "list[Tensor]":
    """Frames (1, H, W, C) of any sizes, all in one size: the target's where it is given, else that of the first frame.

    Frames that have it already are passed on as they are; the others are resized bilinearly. Their dtype is kept
    unless another is asked for.
    """
    if not frames:
        return []
    height, width = target_height or frames[0].shape[1], target_width or frames[0].shape[2]
    moved = [frame.to(device=device or frame.device, dtype=dtype or frame.dtype) for frame in frames]
    return [frame if frame.shape[1:3] == (height, width) else _resized(frame, height, width) for frame in moved]


def preprocess_chunk(
    chunk: "Sequence[Tensor]",
    device: "torch.device | str",
    dtype: "torch.dtype",
    height: int | None = None,
    width: int | None = None,
) -> "Tensor":
    """N frames (1, H, W, C) in [0, 255] as one tensor (1, C, N, H, W) in [-1, 1], resized where a size is given."""
    import torch

    frames = normalize_frame_sizes(chunk, height, width, device, torch.float32)
    stacked = torch.cat(frames).movedim(-1, 0).unsqueeze(0)
    return (stacked / 127.5 - 1.0).to(dtype)


def postprocess_chunk(chunk: "Tensor") -> "Tensor":
    """(1, N, C, H, W) in [-1, 1] as frames (N, H, W, C), float32 in [0, 1]; values outside are clamped."""
    frames = chunk.squeeze(0).movedim(1, -1).float()
    return (frames / 2 + 0.5).clamp(0, 1).contiguous()


def _resized(frame: "Tensor", height: int, width: int) -> "Tensor":
    """(1, H, W, C) resized; whole numbers are rounded and stay in their range."""
    from torch.nn.functional import interpolate

    planes = frame.movedim(-1, 1).float()
    resized = interpolate(planes, size=(height, width), mode="bilinear", align_corners=False, antialias=True)
    whole = not frame.dtype.is_floating_point
    return (resized.round() if whole else resized).movedim(1, -1).to(frame.dtype)
