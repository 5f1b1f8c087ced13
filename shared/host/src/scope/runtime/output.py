"""What a pipeline may return, checked once a call so that a mistake is one sentence instead of a black screen."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from scope.runtime.faults import PipelineError

# Filters overshoot a little and are clamped; [-1, 1] and [0, 255] are mistakes and lie far outside.
RANGE_SLACK = 0.5


def checked_video(pipeline_id: str, result: Any) -> Tensor | None:
    """The picture in what a pipeline returned, THWC float32 in [0, 1]; None for "nothing yet".

    Raises:
        PipelineError: it is not what the API promises; names the pipeline, what was expected and what came.
    """
    if not isinstance(result, Mapping):
        raise _unexpected(pipeline_id, "a dict with the key 'video'", _describe(result))
    if not result:
        return None
    if "video" not in result:
        raise _unexpected(pipeline_id, "the key 'video' in its result", f"the keys {sorted(result)}")
    video = result["video"]
    _check_layout(pipeline_id, video)
    _check_range(pipeline_id, video)
    return video.detach().to(torch.float32).clamp(0.0, 1.0)


def _check_layout(pipeline_id: str, video: Any) -> None:
    expected = "a tensor THWC (T, H, W, 3), float in [0, 1]"
    if not isinstance(video, Tensor) or video.ndim != 4 or video.shape[-1] != 3:
        raise _unexpected(pipeline_id, expected, _describe(video) + _hint(video))
    if not video.dtype.is_floating_point:
        raise _unexpected(pipeline_id, expected, _describe(video) + "; divide by 255")
    if video.numel() == 0:
        raise _unexpected(pipeline_id, expected, _describe(video) + " without a pixel")


def _check_range(pipeline_id: str, video: Tensor) -> None:
    low, high = torch.stack(torch.aminmax(video.detach())).tolist()
    if low != low or high != high:
        raise _unexpected(pipeline_id, "finite values in [0, 1]", "NaN")
    if low < -RANGE_SLACK or high > 1.0 + RANGE_SLACK:
        raise _unexpected(pipeline_id, "values in [0, 1]", f"values from {low:.3g} to {high:.3g}")


def _hint(video: Any) -> str:
    if not isinstance(video, Tensor):
        return ""
    if video.ndim == 3 and video.shape[-1] == 3:
        return ", which looks like HWC; add the time axis with unsqueeze(0)"
    if video.ndim == 4 and video.shape[-1] == 4:
        return ", which looks like RGBA; keep [..., :3]"
    if video.ndim == 4 and video.shape[1] == 3:
        return ", which looks like TCHW; permute(0, 2, 3, 1)"
    return ""


def _describe(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a {str(value.dtype).removeprefix('torch.')} tensor of shape {tuple(value.shape)}"
    shape = getattr(value, "shape", None)
    return type(value).__name__ + (f" of shape {tuple(shape)}" if shape is not None else "")


def _unexpected(pipeline_id: str, expected: str, got: str) -> PipelineError:
    return PipelineError(pipeline_id, f"returned something unusable: expected {expected}, got {got}")
