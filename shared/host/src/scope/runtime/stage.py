"""One pipeline in a chain: it gathers frames, calls with the parameters set so far, and checks what comes back."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from scope.core.pipelines.interface import Pipeline
from scope.runtime.faults import FaultLog, PipelineError, cause
from scope.runtime.frames import Chunk, Frame, FrameDtype, as_video
from scope.runtime.output import checked_video

MAX_INPUT_SIZE = 30

# Clients send these for one call; sent again and again they would start anew with every chunk.
ONCE_ONLY = frozenset(
    {"transition", "vace_ref_images", "first_frame_image", "last_frame_image", "images", "lora_scales"}
)


@dataclass(frozen=True)
class Setting:
    """A runtime parameter that takes effect with the first call at or after `time` seconds."""

    time: float
    name: str
    value: Any


@dataclass(frozen=True)
class Conditions:
    """What holds for a whole session.

    `rate`: frames a second. `live`: pipelines follow the wall clock and a fault is passed over; offline they get
    `frame_time` and a fault ends the session.
    """

    rate: float
    live: bool = False
    frame_dtype: FrameDtype = "float32"
    pipeline_ids: Sequence[str] = ()


@dataclass
class Stage:
    """A pipeline instance with its own parameters and its own waiting frames."""

    pipeline: Pipeline
    conditions: Conditions
    mode: str = "video"
    settings: Sequence[Setting] = ()
    faults: FaultLog = field(default_factory=FaultLog)

    def __post_init__(self) -> None:
        config = self.pipeline.get_config_class()
        self.pipeline_id = config.pipeline_id
        self.ports = [name for name in config.inputs if name != "video"]
        self.parameters: dict[str, Any] = {}
        self._waiting: deque[Frame] = deque()
        self._due = deque(sorted(self.settings, key=lambda setting: setting.time))
        self._fresh = True

    def set(self, name: str, value: Any) -> None:
        """Set a runtime parameter of this stage alone; `reset_cache` restarts the pipeline's state once."""
        if name == "reset_cache":
            self._fresh = self._fresh or bool(value)
        else:
            self.parameters[name] = value

    def feed(self, frames: Sequence[Frame], *, last: bool = False) -> Iterator[Chunk]:
        """Take frames in and yield what the pipeline makes of them, a chunk a call.

        With `last` the frames that do not fill a call are filled up by repeating the final one, and the surplus of the
        output is cut, so that no frame is lost.
        """
        self._waiting.extend(frames)
        while self._waiting:
            self._apply_settings(self._waiting[0].time)
            size = self._input_size()
            if len(self._waiting) < size and not last:
                return
            taken = [self._waiting.popleft() for _ in range(min(size, len(self._waiting)))]
            chunk = self._call_with(taken, size)
            if chunk is not None:
                yield chunk

    def generate(self, time: float) -> Chunk | None:
        """Call a pipeline that needs no input, for a frame at `time` seconds; None if it has nothing yet."""
        self._apply_settings(time)
        outcome = self._attempt(time, {})
        if outcome is None:
            return None
        video, extras = outcome
        rate = _frame_rate(extras) or self.conditions.rate
        times = [time + i / rate for i in range(video.shape[0])]
        return Chunk(video, times, extras, _frame_rate(extras))

    def _apply_settings(self, time: float) -> None:
        while self._due and self._due[0].time <= time + 1e-9:
            setting = self._due.popleft()
            self.set(setting.name, setting.value)

    def _input_size(self) -> int:
        """Frames that the next call takes; a pipeline without requirements is called with each frame."""
        try:
            needs = self.pipeline.prepare(**self.parameters, video=True)
        except Exception as error:  # noqa: BLE001 - plugin code; the fault names the plugin and the cause
            self._fault(PipelineError(self.pipeline_id, f"failed in prepare(): {cause(error)}"), error)
            return 1
        size = 1 if needs is None else needs.input_size
        if not 1 <= size <= MAX_INPUT_SIZE:
            fault = f"must ask for 1 to {MAX_INPUT_SIZE} frames in prepare(), got input_size={size}"
            self._fault(PipelineError(self.pipeline_id, fault))
            return 1
        return size

    def _call_with(self, taken: list[Frame], size: int) -> Chunk | None:
        padded = taken + [taken[-1]] * (size - len(taken))
        keywords: dict[str, Any] = {"video": [frame.pixels for frame in padded]}
        for name in self.ports:
            if all(name in frame.ports for frame in padded):
                keywords[name] = torch.cat([frame.ports[name] for frame in padded])
        outcome = self._attempt(taken[0].time, keywords, bypass=taken)
        if outcome is None:
            return None
        video, extras = outcome
        if len(taken) < size:
            video = video[: math.ceil(video.shape[0] * len(taken) / size)]
        times = _spread([frame.time for frame in taken], video.shape[0], 1.0 / self.conditions.rate)
        return Chunk(video, times, extras, _frame_rate(extras))

    def _attempt(
        self, time: float, keywords: dict[str, Any], bypass: Sequence[Frame] = ()
    ) -> tuple[torch.Tensor, dict[str, Any]] | None:
        """One call: picture and extras, or None for "nothing yet". A fault raises offline; live the input passes."""
        try:
            result = self._call(self._keywords(time) | keywords)
            video = checked_video(self.pipeline_id, result)
        except PipelineError as fault:
            self._fault(fault, fault.__cause__)
            return (as_video(bypass), {}) if bypass else None
        self._fresh = False
        for name in ONCE_ONLY & self.parameters.keys():
            del self.parameters[name]
        return None if video is None else (video, {k: v for k, v in result.items() if k != "video"})

    def _call(self, keywords: dict[str, Any]) -> Any:
        try:
            with torch.no_grad():
                return self.pipeline(**keywords)
        except torch.OutOfMemoryError as error:
            hint = "ran out of GPU memory; lower the size, choose a smaller model or close other programs"
            raise PipelineError(self.pipeline_id, f"{hint} ({error})") from error
        except Exception as error:
            raise PipelineError(self.pipeline_id, f"failed in a call: {cause(error)}") from error

    def _keywords(self, time: float) -> dict[str, Any]:
        keywords = {
            **self.parameters,
            "init_cache": self._fresh,
            "input_mode": self.mode,
            "pipeline_ids": list(self.conditions.pipeline_ids),
        }
        return keywords if self.conditions.live else keywords | {"frame_time": time}

    def _fault(self, fault: PipelineError, error: BaseException | None = None) -> None:
        if not self.conditions.live:
            raise fault from error
        fault.__cause__ = error
        self.faults.note(fault)


def _frame_rate(extras: dict[str, Any]) -> float | None:
    rate = extras.get("frame_rate")
    return float(rate) if isinstance(rate, int | float) and rate > 0 else None


def _spread(times: Sequence[float], count: int, step: float) -> list[float]:
    """Times for `count` output frames of a call whose input frames had `times`, `step` seconds apart at the end."""
    if count == len(times):
        return list(times)
    end = times[-1] + step
    return [times[0] + (end - times[0]) * i / count for i in range(count)]
