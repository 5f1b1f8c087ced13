"""One pipeline in a chain: how many frames its next call takes, and the call itself."""

import math
import time as clock
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import torch

from scope.core.pipelines.interface import Pipeline
from scope.runtime.checks import Checks, frame_rate_in, showable
from scope.runtime.faults import FaultLog, PipelineError
from scope.runtime.frames import Chunk, Frame, FrameDtype, Stamp, passed, to_dtype
from scope.runtime.mailbox import Mailbox, Setting

MAX_INPUT_SIZE = 30

# Keys of a result that are no parameters of the next pipeline.
_OWN_KEYS = frozenset({"video", "audio", "audio_sample_rate"})

PerCall = Callable[[str, Mapping[str, Any], float, float | None], Mapping[str, Any]]


def nothing_more(_node: str, _values: Mapping[str, Any], _time: float, _film: float | None) -> Mapping[str, Any]:
    """No parameters beyond those that were set."""
    return {}


@dataclass(frozen=True)
class Conditions:
    """What holds for a whole session.

    `rate`: frames a second. `live`: pipelines follow the wall clock; offline they get `frame_time`. `strict`: NaN is an
    error. `frame_dtype`: what every pipeline receives; None for what its config class asks for. `per_call`: asked at
    each call with the node's id, its parameters, the time, and the first frame's `Stamp.film`; what it returns lies over
    the parameters for that call.
    """

    rate: float
    live: bool = False
    strict: bool = False
    frame_dtype: FrameDtype | None = None
    pipeline_ids: Sequence[str] = ()
    per_call: PerCall = nothing_more


# A time in seconds, and whether a stage is on from then on.
Switch = tuple[float, bool]


class Stage:
    """A pipeline instance in one place of a chain. It owns no queue and no thread.

    Only `mailbox` may be touched by other threads. Pictures with NaN or, live, with values far outside [0, 1] are shown
    clamped and noted in `faults`; all other faults are raised, and the caller decides what to do instead.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        conditions: Conditions,
        *,
        node: str | None = None,
        mode: str = "video",
        settings: Iterable[Setting] = (),
        switches: Sequence[Switch] = (),
        faults: FaultLog | None = None,
    ) -> None:
        config = pipeline.get_config_class()
        self.pipeline, self.conditions, self.mode = pipeline, conditions, mode
        self.node = node or config.pipeline_id
        self.ports = [name for name in config.inputs if name != "video"]
        self.frame_dtype: FrameDtype = conditions.frame_dtype or config.frame_dtype
        self.mailbox = Mailbox(settings)
        self._switches = sorted(switches, key=lambda switch: switch[0])
        self.faults = faults if faults is not None else FaultLog()
        self._checks = Checks(self.node, produces_video=config.produces_video, range_always=not conditions.live)
        self._fresh = True
        self._made = 0

    def is_off(self, time: float) -> bool:
        """Whether pictures pass it at `time` seconds of a film, as its switches say."""
        return next((not on for at, on in reversed(self._switches) if at <= time + 1e-9), False)

    def passes(self, frames: Sequence[Frame]) -> Chunk:
        """Its input, while it is off; its state stays as it is, as it does live."""
        return passed(frames)

    def need(self, time: float = 0.0) -> int:
        """Frames that the next call takes, which is at `time` seconds: 1 to 30, or 0 if it takes no input.

        Raises:
            PipelineError: `prepare` failed or asked for another number.
        """
        if self.mode == "text":
            return 0
        try:
            needs = self.pipeline.prepare(**self.mailbox.peek(time), video=True)
        except (Exception, SystemExit) as error:
            raise PipelineError.raised(self.node, "failed in prepare()", "prepare", error) from error
        if needs is None:
            return 1
        size = getattr(needs, "input_size", None)
        if not isinstance(size, Integral) or not 1 <= size <= MAX_INPUT_SIZE:
            got = repr(needs)[:100] if size is None else f"input_size={size}"
            message = f"must ask for 1 to {MAX_INPUT_SIZE} frames in prepare(), got {got}"
            raise PipelineError(self.node, message, "prepare")
        return int(size)

    def call(self, frames: Sequence[Frame], time: float, *, short: int = 0) -> Chunk | None:
        """One call with `frames`, or with no input; None if the pipeline has nothing yet.

        `time` is that of the first frame, or of the frame to be made. With `short` frames missing at the end of a film
        the last one is repeated that often, and the surplus of the output is cut.

        Raises:
            PipelineError: the pipeline raised, or returned something else than the API promises.
        """
        changes = self.mailbox.take(time)
        self._fresh = self._fresh or changes.reset
        given = [*frames, *[frames[-1]] * short] if frames else []
        over = self.conditions.per_call(self.node, changes.values, time, frames[0].stamp.film if frames else None)
        result = self._result({**changes.values, **over, **self._added(time), **self._inputs(given)})
        video = self._checks.video(result)
        self._fresh = False
        if not result:
            return None
        return self._chunk(result, self._shown(video), frames, time, short)

    def _result(self, keywords: Mapping[str, Any]) -> Any:
        try:
            with torch.no_grad():
                return self.pipeline(**keywords)
        except torch.OutOfMemoryError as error:
            hint = "ran out of GPU memory; lower the size, choose a smaller model or close other programs"
            raise PipelineError(self.node, f"{hint} ({error})", "memory") from error
        except SystemExit as error:
            raise PipelineError.raised(self.node, "tried to end the program in a call", "call", error) from error
        except Exception as error:
            raise PipelineError.raised(self.node, "failed in a call", "call", error) from error

    def _added(self, time: float) -> dict[str, Any]:
        keywords = {
            "init_cache": self._fresh,
            "input_mode": self.mode,
            "pipeline_ids": list(self.conditions.pipeline_ids),
        }
        return keywords if self.conditions.live else keywords | {"frame_time": time}

    def _inputs(self, frames: Sequence[Frame]) -> dict[str, Any]:
        if not frames:
            return {}
        inputs: dict[str, Any] = {"video": [to_dtype(frame.pixels, self.frame_dtype) for frame in frames]}
        for name in self.ports:
            if all(name in frame.ports for frame in frames):
                inputs[name] = torch.cat([frame.ports[name] for frame in frames])
        return inputs

    def _shown(self, video: torch.Tensor | None) -> torch.Tensor:
        if video is None:
            return torch.zeros(0, 1, 1, 3)
        for fault in self._checks.values(video):
            if not self.conditions.live and (fault.kind == "range" or self.conditions.strict):
                raise fault
            self.faults.note(fault, fault.frames)
        return showable(video)

    def _chunk(
        self, result: Mapping[str, Any], video: torch.Tensor, frames: Sequence[Frame], time: float, short: int
    ) -> Chunk:
        rate, sound = frame_rate_in(result), self._checks.sound(result)
        extras = {name: value for name, value in result.items() if isinstance(name, str) and name not in _OWN_KEYS}
        if frames:
            video = video[: math.ceil(video.shape[0] * len(frames) / (len(frames) + short))]
            stamps = spread([frame.stamp for frame in frames], video.shape[0], 1.0 / self.conditions.rate)
            return Chunk(video, stamps, extras, rate or frames[0].frame_rate, sound)
        return Chunk(video, self._new_stamps(time, video.shape[0], rate), extras, rate, sound)

    def _new_stamps(self, time: float, count: int, rate: float | None) -> list[Stamp]:
        captured = clock.monotonic() if self.conditions.live else None
        first, step = self._made, 1.0 / (rate or self.conditions.rate)
        self._made += count
        return [Stamp(time + i * step, first + i, captured) for i in range(count)]


def spread(stamps: Sequence[Stamp], count: int, step: float) -> list[Stamp]:
    """Stamps for `count` output frames of a call with the input frames' `stamps`, the last of them `step` seconds long.

    Times are even; each frame keeps the number and the capture time of the input frame that it lies in.
    """
    if count == len(stamps):
        return list(stamps)
    start, end = stamps[0].time, stamps[-1].time + step
    sources = [stamps[i * len(stamps) // count] for i in range(count)]
    return [source._replace(time=start + (end - start) * i / count) for i, source in enumerate(sources)]
