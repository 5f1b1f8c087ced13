"""The pipeline `control`: intake, one map, output."""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from scope_control.maps import MAPS
from scope_control.schema import ControlConfig
from scope_control.steady import steady
from scope_gpu.plugin.frames import passthrough
from scope_gpu.plugin.pipeline import FilterPipeline, Moment

BY_NAME = {entry.name: entry for entry in MAPS}


class ControlPipeline(FilterPipeline[ControlConfig]):
    """Turns frames into control maps. Remembers the last frame, for movement, and the last map, for smoothing."""

    config: ClassVar[type[ControlConfig]] = ControlConfig

    def __init__(self, device: torch.device | str | None = None, **load: Any) -> None:
        super().__init__(device, **load)
        self._forget()

    def on_reset(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._last_frame: Tensor | None = None
        self._last_map: Tensor | None = None
        self._last_choice: tuple[str, bool] | None = None

    def is_on(self, params: ControlConfig) -> bool:
        if params.control_mix <= 0.0:
            self._forget()
        return params.control_mix > 0.0

    def process(self, frames: Tensor, params: ControlConfig, moment: Moment) -> Tensor:
        before = self._before(frames)
        drawn = BY_NAME[params.control_map].draw(frames, before, params)
        drawn = 1.0 - drawn if params.control_invert else drawn
        maps = self._steady(drawn, frames, before, params)
        return torch.lerp(frames, maps, params.control_mix) if params.control_mix < 1.0 else maps.expand_as(frames)

    def _run(self, call: Mapping[str, Any], params: ControlConfig) -> dict[str, Any]:
        outputs = super()._run(call, params)
        if not params.control_send_vace:
            return outputs
        return {"video": passthrough(call["video"], self.device), "vace_input_frames": outputs["video"]}

    def _before(self, frames: Tensor) -> Tensor:
        """Each frame's predecessor; the first of all is its own, so that nothing moves in it."""
        first = self._last_frame
        if first is None or first.shape[1:] != frames.shape[1:]:
            self._forget()
            first = frames[:1]
        self._last_frame = frames[-1:].clone()
        return torch.cat([first, frames[:-1]])

    def _steady(self, maps: Tensor, frames: Tensor, before: Tensor, params: ControlConfig) -> Tensor:
        choice = (params.control_map, params.control_invert)
        last = self._last_map if choice == self._last_choice else None
        maps = steady(maps, last, frames, before, params.control_smoothing)
        self._last_map, self._last_choice = maps[-1:], choice
        return maps
