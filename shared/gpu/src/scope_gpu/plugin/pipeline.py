"""Base classes that leave a plugin only its effect to write."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.core.pipelines.interface import Pipeline, Requirements
from scope_gpu.plugin.chain import Chain
from scope_gpu.plugin.clock import Beat, Clock, Moment, beat_of, is_stopped
from scope_gpu.plugin.device import pick_device
from scope_gpu.plugin.effect import Effect
from scope_gpu.plugin.frames import host_bytes, intake, passthrough, to_thwc
from scope_gpu.plugin.params import ParameterResolver, Presets
from scope_gpu.plugin.prompts import Prompt, PromptInForce
from scope_gpu.plugin.tempo import OwnTempo


class GpuPipeline[ConfigT: BasePipelineConfig](Pipeline):
    """What filters and generators share: a device, resolved parameters, time, and a reset on `init_cache`.

    A subclass names its schema in the class variable `config`, and in `presets` what a menu of it sets, if there is one.
    """

    config: ClassVar[type[Any]]
    presets: ClassVar[Presets | None] = None

    def __init__(self, device: torch.device | str | None = None, **load: Any) -> None:
        self.device = pick_device(device)
        self.parameters: ParameterResolver[ConfigT] = ParameterResolver(self.config, load, self.presets)
        self._clock = Clock()
        self._own_tempo = OwnTempo()
        self._index = 0

    @classmethod
    def get_config_class(cls) -> type[BasePipelineConfig]:
        return cls.config

    def on_reset(self) -> None:
        """A hook: forget what earlier frames left behind. Called on `init_cache`, not by the constructor."""

    def own_tempo(self, params: ConfigT) -> tuple[float, bool] | None:
        """A hook: the controls `own_bpm` and `tap` of a schema that has them, asked for while the host sends no tempo."""
        return None

    @torch.inference_mode()
    def __call__(self, **kwargs: Any) -> dict[str, Any]:
        if kwargs.get("init_cache"):
            self._reset()
            self.on_reset()
        return self._run(kwargs, self.parameters.resolve(kwargs))

    def _reset(self) -> None:
        self.parameters.forget()
        self._clock.restart()
        self._own_tempo = OwnTempo()
        self._index = 0

    @abstractmethod
    def _run(self, call: Mapping[str, Any], params: ConfigT) -> dict[str, Any]:
        """Make the outputs of one call."""

    def _now(self, call: Mapping[str, Any], params: ConfigT) -> Moment:
        seconds = self._clock.seconds(call)
        return Moment(seconds, self._index, beat_of(call) or self._own_beat(seconds, call, params))

    def _own_beat(self, seconds: float, call: Mapping[str, Any], params: ConfigT) -> Beat | None:
        controls = None if is_stopped(call) else self.own_tempo(params)
        return controls and self._own_tempo.beat(seconds, *controls)


class VideoPipeline[ConfigT: BasePipelineConfig](GpuPipeline[ConfigT]):
    """Frames in, as many frames out, in the layout of hosts. A subclass writes `filtered`."""

    def prepare(self, **kwargs: Any) -> Requirements:
        return Requirements(input_size=1)

    @abstractmethod
    def filtered(self, video: Sequence[Tensor], params: ConfigT, moment: Moment) -> Tensor:
        """A host's frames (1, H, W, C) in [0, 255] to THWC float32 [0, 1] on `self.device`. Never writes to `video`."""

    def _run(self, call: Mapping[str, Any], params: ConfigT) -> dict[str, Any]:
        video, moment = self._video(call), self._now(call, params)
        is_on = self.is_on(params)
        frames = self.filtered(video, params, moment) if is_on else passthrough(video, self.device)
        self._index += frames.shape[0]
        return {"video": frames}

    def is_on(self, params: ConfigT) -> bool:
        """Whether `filtered` would change anything. If not, frames pass through at the cost of a copy."""
        return True

    def _video(self, call: Mapping[str, Any]) -> Sequence[Tensor]:
        video = call.get("video")
        if video is None:
            raise ValueError(f"{self.config.pipeline_id}: expected video input, got none; connect a source")
        return video


class FilterPipeline[ConfigT: BasePipelineConfig](VideoPipeline[ConfigT]):
    """Frames in, as many frames out, in planes. A subclass writes `process`."""

    @abstractmethod
    def process(self, frames: Tensor, params: ConfigT, moment: Moment) -> Tensor:
        """TCHW float32 [0, 1] on `self.device` to TCHW, clamped to [0, 1] afterwards. May write to `frames`."""

    def filtered(self, video: Sequence[Tensor], params: ConfigT, moment: Moment) -> Tensor:
        return to_thwc(self.process(self._intake(video), params, moment))

    def _intake(self, video: Sequence[Tensor]) -> Tensor:
        return intake(video, self.device)


class EffectPipeline[ConfigT: BasePipelineConfig](FilterPipeline[ConfigT]):
    """Effects one after the other. A subclass names its schema and its effects, and has no code of its own."""

    effects: ClassVar[Sequence[Effect]]

    def __init__(self, device: torch.device | str | None = None, **load: Any) -> None:
        super().__init__(device, **load)
        self._chain = Chain(self.effects, self.device)
        self._frames: Tensor | None = None

    def filtered(self, video: Sequence[Tensor], params: ConfigT, moment: Moment) -> Tensor:
        frames = host_bytes(video) if self.device.type == "cpu" else None
        if frames is None:
            return super().filtered(video, params, moment)
        return self._chain.bytes_to_thwc(frames, params, moment, params.base_seed)

    def _intake(self, video: Sequence[Tensor]) -> Tensor:
        # No effect keeps its frame, so that one batch serves all calls.
        self._frames = intake(video, self.device, into=self._frames)
        return self._frames

    def on_reset(self) -> None:
        self._chain.reset()

    def is_on(self, params: ConfigT) -> bool:
        return self._chain.is_on(params)

    def process(self, frames: Tensor, params: ConfigT, moment: Moment) -> Tensor:
        return self._chain(frames, params, moment, params.base_seed)


class GeneratorPipeline[ConfigT: BasePipelineConfig](GpuPipeline[ConfigT]):
    """Frames from nothing but time, prompts and parameters. A subclass writes `generate`.

    Live, a host calls thousands of times a second and drops what it cannot show: a call that comes before the next
    frame is due returns an empty dict, which lets the host sleep. Offline (`frame_time` is given) every call makes a
    frame.
    """

    frame_rate: ClassVar[float] = 60.0

    def __init__(self, device: torch.device | str | None = None, **load: Any) -> None:
        super().__init__(device, **load)
        self._due = 0.0
        self._prompt = PromptInForce()

    @abstractmethod
    def generate(self, params: ConfigT, moment: Moment, prompt: Prompt) -> Tensor:
        """One or more frames, TCHW in [0, 1] on `self.device`, for the time `moment.seconds`."""

    def _run(self, call: Mapping[str, Any], params: ConfigT) -> dict[str, Any]:
        moment = self._now(call, params)
        prompt = self._prompt.at(call, moment.seconds)
        if call.get("frame_time") is None and not self._is_due(moment):
            return {}
        frames = self.generate(params, moment, prompt)
        self._index += frames.shape[0]
        return {"video": to_thwc(frames)}

    def _reset(self) -> None:
        super()._reset()
        self._due = 0.0
        self._prompt = PromptInForce()

    def _is_due(self, moment: Moment) -> bool:
        """Frames keep to a grid of due times; one that is late by a whole period starts a new grid."""
        due = self._due if moment.index else moment.seconds
        if moment.seconds < due:
            return False
        period = 1.0 / self.frame_rate
        self._due = (due if moment.seconds < due + period else moment.seconds) + period
        return True
