"""Frames as hosts send and expect them, and the planar batch in between."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.blur import enlarge_along


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


def reduced_intake(
    video: Sequence[Tensor],
    device: torch.device | str,
    halvings: int = 0,
    weights: Sequence[float] | None = None,
) -> Tensor:
    """As `intake`, but at a fraction of the size, or as one plane, in one pass over the host's pixels.

    Args:
        halvings: how often the picture is halved; each pixel is the mean of those it stands for, the last row and
            column of a size that does not divide counting as often as needed.
        weights: of red, green and blue in the only plane, such as those of luma; without them three planes.

    Returns:
        TCHW of 3 channels or 1, float32, [0, 1], contiguous.

    Raises:
        FrameError: as `intake`.
    """
    _check_all(video)
    if not halvings and weights is None:
        return intake(video, device)
    alike = _alike(video) and video[0].shape[-1] >= 3
    # Sizes or layouts that differ become one over planes, in the range of a host's pixels.
    thwc = _join(video) if alike else intake(video, device).mul_(255.0).permute(0, 2, 3, 1)
    thwc = thwc[..., :3].to(device, non_blocking=True)
    if thwc.dtype != torch.uint8:
        thwc = thwc.to(torch.float32).nan_to_num(nan=0.0).clamp_(0.0, 255.0)
    return torch.cat([_reduced(picture, 1 << halvings, weights) for picture in thwc])


def _reduced(picture: Tensor, side: int, weights: Sequence[float] | None) -> Tensor:
    """HWC in [0, 255] to 1CHW in [0, 1], each pixel the mean of `side` x `side` ones."""
    blocks = _whole_blocks(picture, side).view(-1, side, picture.shape[1] + -picture.shape[1] % side, 3)
    rows = blocks[:, 0].to(torch.float32, copy=True, memory_format=torch.contiguous_format)
    for row in range(1, side):
        rows += blocks[:, row]
    scale = 1.0 / (side * side * 255.0)
    columns = rows.view(rows.shape[0], -1, side, 3)
    if weights is not None:
        shares = torch.tensor([scale * weight for weight in weights], device=picture.device).repeat(side)
        return torch.mv(columns.view(-1, 3 * side), shares).view(1, 1, *columns.shape[:2])
    planes = columns[:, :, 0].permute(2, 0, 1).contiguous()
    for column in range(1, side):
        planes += columns[:, :, column].permute(2, 0, 1)
    return planes.mul_(scale)[None]


def _whole_blocks(picture: Tensor, side: int) -> Tensor:
    """HWC with its last row and column repeated up to a multiple of `side`."""
    height, width = picture.shape[:2]
    if height % side == 0 and width % side == 0:
        return picture.contiguous()
    rows = torch.arange(height + -height % side, device=picture.device).clamp_(max=height - 1)
    columns = torch.arange(width + -width % side, device=picture.device).clamp_(max=width - 1)
    return picture[rows][:, columns]


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


def host_bytes(video: Sequence[Tensor]) -> Tensor | None:
    """Frames on the CPU that are colored bytes of one size, THWC uint8 as the host made them; None if they are not.

    Raises:
        FrameError: as `intake`.
    """
    _check_all(video)
    first = video[0]
    fits = first.dtype == torch.uint8 and first.shape[-1] >= 3 and _alike(video)
    return _join(video) if fits and all(frame.device.type == "cpu" for frame in video) else None


def to_thwc(batch: Tensor) -> Tensor:
    """What a pipeline returns: TCHW in any float dtype to THWC float32, clamped to [0, 1], contiguous."""
    thwc = torch.empty((batch.shape[0], *batch.shape[2:], batch.shape[1]), dtype=torch.float32, device=batch.device)
    fill_thwc(thwc, batch)
    return thwc


def fill_thwc(thwc: Tensor, batch: Tensor) -> None:
    """As `to_thwc`, into a tensor or a part of one."""
    # Plane by plane: on CPUs twice as fast as all at once.
    for channel, plane in enumerate(batch.unbind(1)):
        torch.clamp(plane.to(torch.float32), 0.0, 1.0, out=thwc[..., channel])


def enlarged_thwc(batch: Tensor, doublings: int, height: int, width: int) -> Tensor:
    """As `to_thwc` with TCHW doubled `doublings` times, bilinear, and cut to `height` x `width`, without a shift.

    The inverse of a reduction by `reduced_intake`. Columns grow plane by plane while there are few rows, rows in the
    host's layout: every large array is written once.
    """
    if not doublings:
        return to_thwc(batch)
    down = batch.shape[-2]
    thwc = to_thwc(enlarge_along(batch, doublings, -1)[..., :width])
    # A row of pixels is one long row of numbers.
    rows = enlarge_along(thwc.flatten(-2)[:, None], doublings, -2)
    return rows.view(batch.shape[0], down << doublings, width, batch.shape[1])[:, :height].contiguous()


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
