"""What a pipeline may return, checked so that a mistake is one sentence instead of a black screen."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from scope.runtime.faults import Kind, PipelineError
from scope.runtime.frames import Sound

# Filters overshoot a little and are clamped; [-1, 1] and [0, 255] are mistakes and lie far outside.
RANGE_SLACK = 0.5

# Reading a tensor's range waits for the GPU: live it is read while a pipeline is new, and then now and then.
LIVE_FIRST_CALLS = 10
LIVE_EVERY = 30

MAX_PIXELS = 64_000_000


class Checks:
    """Holds the results of one node against the API, call after call.

    `range_always`: look at the values of every result, and not only of a sample of them.
    """

    def __init__(self, node: str, *, produces_video: bool = True, range_always: bool = True) -> None:
        self._node, self._produces_video, self._range_always = node, produces_video, range_always
        self._calls = 0
        self._sound_format: tuple[int, int] | None = None

    def video(self, result: Any) -> Tensor | None:
        """The picture in a result as it was returned, THWC float; None for "nothing yet" or a pipeline without one.

        Raises:
            PipelineError: it is not what the API promises; names the node, what was expected and what came.
        """
        if not isinstance(result, Mapping):
            raise _unexpected(self._node, "a dict with the key 'video'", describe(result))
        if not result or (not self._produces_video and result.get("video") is None):
            return None
        if "video" not in result:
            raise _unexpected(self._node, "the key 'video' in its result", f"the keys {sorted(result)}")
        _check_layout(self._node, result["video"])
        return result["video"]

    def sound(self, result: Mapping[str, Any]) -> Sound | None:
        """The sound in a result, as `sound_in` reads it.

        Raises:
            PipelineError: likewise, or it has another rate or number of channels than before.
        """
        sound = sound_in(self._node, result)
        if sound is not None:
            self._check_sound_format((sound.samples.shape[0], sound.rate))
        return sound

    def _check_sound_format(self, now: tuple[int, int]) -> None:
        before = self._sound_format = self._sound_format or now
        if now != before:
            expected = f"sound with {before[0]} channels and {before[1]} samples a second as before"
            raise _unexpected(self._node, expected, f"{now[0]} and {now[1]}")

    def values(self, video: Tensor) -> Iterator[PipelineError]:
        """What is wrong with the values of a picture, if it is this call's turn to be looked at."""
        self._calls += 1
        early = self._calls <= LIVE_FIRST_CALLS
        if self._range_always or early or self._calls % LIVE_EVERY == 0:
            yield from value_faults(self._node, video)


def value_faults(node: str, video: Tensor) -> Iterator[PipelineError]:
    """A fault for NaN and one for values far outside [0, 1]. Waits for the device where the picture lies."""
    low, high = _range(video)
    if low != low:
        frames = int(video.isnan().flatten(1).any(dim=1).sum())
        yield _unexpected(node, "finite values in [0, 1]", "NaN, which is shown as black", "nan", frames=frames)
        low, high = _range(video.nan_to_num(nan=0.0))
    if low < -RANGE_SLACK or high > 1.0 + RANGE_SLACK:
        yield _unexpected(node, "values in [0, 1]", f"values from {low:.3g} to {high:.3g}", "range")


def showable(video: Tensor) -> Tensor:
    """A picture as a host shows it: float32, NaN as 0, clamped to [0, 1]. Waits for no device."""
    return video.detach().to(torch.float32).nan_to_num(nan=0.0).clamp_(0.0, 1.0)


def sound_in(node: str, result: Mapping[str, Any]) -> Sound | None:
    """The sound in a result: `audio`, a tensor (N,) or (channels, N) in [-1, 1], and `audio_sample_rate`.

    Raises:
        PipelineError: it is something else, has more than two channels, or the rate is missing.
    """
    audio, rate = result.get("audio"), result.get("audio_sample_rate")
    if audio is None:
        return None
    if not isinstance(audio, Tensor) or not audio.dtype.is_floating_point or not _is_sound_shape(audio):
        raise _unexpected(node, "'audio' as a float tensor (1 or 2 channels, N) in [-1, 1]", describe(audio))
    if not isinstance(rate, int | float) or not rate > 0:
        raise _unexpected(node, "'audio_sample_rate' beside 'audio', in samples a second", repr(rate))
    samples = audio.detach().to("cpu", torch.float32).nan_to_num(nan=0.0).clamp_(-1.0, 1.0)
    return Sound(samples.reshape(-1, samples.shape[-1]), round(rate))


def frame_rate_in(result: Mapping[str, Any]) -> float | None:
    """The playback rate that a result sets, in frames a second."""
    rate = result.get("frame_rate")
    return float(rate) if isinstance(rate, int | float) and rate > 0 else None


def describe(value: Any) -> str:
    """A value by its type and shape, such as `a uint8 tensor of shape (1, 4, 5, 3)`."""
    if isinstance(value, Tensor):
        return f"a {str(value.dtype).removeprefix('torch.')} tensor of shape {tuple(value.shape)}"
    shape = getattr(value, "shape", None)
    return type(value).__name__ + (f" of shape {tuple(shape)}" if shape is not None else "")


def _check_layout(node: str, video: Any) -> None:
    expected = "a tensor THWC (T, H, W, 3), float in [0, 1]"
    if not isinstance(video, Tensor) or video.ndim != 4 or video.shape[-1] != 3:
        raise _unexpected(node, expected, describe(video) + _hint(video))
    if not video.dtype.is_floating_point:
        raise _unexpected(node, expected, describe(video) + "; divide by 255")
    if video.is_meta or video.layout != torch.strided:
        raise _unexpected(node, expected, describe(video) + " that is sparse or holds no data")
    if video.numel() == 0:
        raise _unexpected(node, expected, describe(video) + " without a pixel")
    if video.shape[1] * video.shape[2] > MAX_PIXELS:
        raise _unexpected(node, f"pictures of at most {MAX_PIXELS // 10**6} megapixels", describe(video))


def _is_sound_shape(audio: Tensor) -> bool:
    return audio.ndim == 1 or (audio.ndim == 2 and audio.shape[0] in (1, 2))


def _range(video: Tensor) -> tuple[float, float]:
    low, high = torch.stack(torch.aminmax(video.detach())).tolist()
    return low, high


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


def _unexpected(node: str, expected: str, got: str, kind: Kind = "layout", frames: int = 1) -> PipelineError:
    return PipelineError(node, f"returned something unusable: expected {expected}, got {got}", kind, frames=frames)
