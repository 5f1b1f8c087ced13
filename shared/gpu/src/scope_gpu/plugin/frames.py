"""Frames as hosts send and expect them, and the planar batch in between."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


class FrameError(ValueError):
    """Frames that are not what the plugin API promises."""


def intake(
    video: Sequence[Tensor],
    device: torch.device | str,
    size: tuple[int, int] | None = None,
    into: Tensor | None = None,
) -> Tensor:
    """Gather a host's frames into one planar batch.

    Frames of one size cost one transfer in their own dtype; the input is never written to. Floats are clamped, and a NaN
    is black.

    Args:
        video: tensors (N, H, W, C), N usually 1, uint8 or floating, range [0, 255], any device, C of 3, 4 (alpha is
            dropped) or 1 (repeated). Sizes may differ.
        device: where the batch shall live.
        size: (height, width) of the batch; without it the first frame's size. Frames of another size are resized,
            bilinear with antialiasing.
        into: a batch of an earlier call that nobody needs any more. Where it fits it is written over and returned, for
            fresh memory of a picture's size costs more than filling it.

    Returns:
        TCHW, 3 channels, float32, [0, 1], contiguous.

    Raises:
        FrameError: no frames, or one that has another shape or dtype.
    """
    _check_all(video)
    height, width = size or video[0].shape[1:3]
    if _alike(video):
        return _resize(_planar(_join(video), device, into), height, width)
    return torch.cat([_resize(_planar(frame, device), height, width) for frame in video])


def passthrough(video: Sequence[Tensor], device: torch.device | str) -> Tensor:
    """What a pipeline returns that changes nothing: a host's frames as THWC float32 in [0, 1], a copy.

    Equal to `to_thwc(intake(video, device))` to the bit, without the way over planes.

    Raises:
        FrameError: as `intake`.
    """
    _check_all(video)
    if not _alike(video) or video[0].shape[-1] < 3:
        return to_thwc(intake(video, device))
    frames = _join(video)[..., :3].to(device, non_blocking=True)
    # A copy in any case: a float frame belongs to the host.
    floats = torch.div(frames, 255.0) if frames.dtype == torch.float32 else frames.to(torch.float32).div_(255.0)
    return floats if frames.dtype == torch.uint8 else _in_range(floats)


def to_thwc(batch: Tensor) -> Tensor:
    """What a pipeline returns: TCHW in any float dtype to THWC float32, clamped to [0, 1], contiguous."""
    thwc = torch.empty((batch.shape[0], *batch.shape[2:], batch.shape[1]), dtype=torch.float32, device=batch.device)
    # Plane by plane: on CPUs twice as fast as all at once.
    for channel, plane in enumerate(batch.unbind(1)):
        torch.clamp(plane.to(torch.float32), 0.0, 1.0, out=thwc[..., channel])
    return thwc


def _check_all(video: Sequence[Tensor]) -> None:
    if not video:
        raise FrameError("expected at least one frame in `video`, got an empty list")
    for frame in video:
        _check(frame)


def _alike(video: Sequence[Tensor]) -> bool:
    return all(frame.shape[1:] == video[0].shape[1:] and frame.dtype == video[0].dtype for frame in video)


def _check(frame: object) -> None:
    if not isinstance(frame, Tensor):
        raise FrameError(f"expected frames as tensors (1, H, W, C) in [0, 255], got {type(frame).__name__}")
    if frame.ndim != 4 or frame.shape[-1] not in (1, 3, 4) or 0 in frame.shape:
        raise FrameError(f"expected frames (1, H, W, C) with C of 1, 3 or 4, got shape {tuple(frame.shape)}")
    if frame.dtype != torch.uint8 and not frame.dtype.is_floating_point:
        raise FrameError(f"expected frames of dtype uint8 or float32 in [0, 255], got {frame.dtype}")


def _join(video: Sequence[Tensor]) -> Tensor:
    if len(video) == 1:
        return video[0]
    return torch.cat([frame.to(video[0].device, non_blocking=True) for frame in video])


def _planar(frames: Tensor, device: torch.device | str, into: Tensor | None = None) -> Tensor:
    """THWC in [0, 255] to TCHW in [0, 1]."""
    source = frames[..., :3].to(device, non_blocking=True).permute(0, 3, 1, 2)
    shape = (source.shape[0], 3, *source.shape[2:])
    if into is None or into.shape != shape or into.device != source.device:
        into = torch.empty(shape, dtype=torch.float32, device=device)
    planar = into.copy_(source).div_(255.0)
    return planar if frames.dtype == torch.uint8 else _in_range(planar)


def _in_range(values: Tensor) -> Tensor:
    """Floats within [0, 1], in place: an effect may look them up in a table, and a NaN would stay for ever in another."""
    return values.nan_to_num_(nan=0.0).clamp_(0.0, 1.0)


def _resize(batch: Tensor, height: int, width: int) -> Tensor:
    if batch.shape[-2:] == (height, width):
        return batch
    return F.interpolate(batch, (height, width), mode="bilinear", antialias=True, align_corners=False)
