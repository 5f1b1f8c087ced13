"""The pipeline `control`: intake, one map, output."""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from scope_control.maps import MAPS
from scope_control.maps.base import ControlMap, is_for_vace
from scope_control.schema import ControlConfig
from scope_control.steady import calm, same_shot, steady
from scope_gpu.plugin.frames import passthrough
from scope_gpu.plugin.pipeline import FilterPipeline, Moment

BY_NAME = {name: entry for entry in MAPS for name in (entry.name, *entry.aliases)}


class ControlPipeline(FilterPipeline[ControlConfig]):
    """Turns frames into control maps. Remembers the last frame, for movement, and its calmed state and map, for smoothing."""

    config: ClassVar[type[ControlConfig]] = ControlConfig

    def __init__(self, device: torch.device | str | None = None, **load: Any) -> None:
        super().__init__(device, **load)
        self._forget()

    def on_reset(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._last_frame: Tensor | None = None
        self._calmed: Tensor | None = None
        self._last_map: Tensor | None = None
        self._last_choice: tuple[str, bool, bool] | None = None

    def is_on(self, params: ControlConfig) -> bool:
        if params.control_mix <= 0.0:
            self._forget()
        return params.control_mix > 0.0

    def process(self, frames: Tensor, params: ControlConfig, moment: Moment) -> Tensor:
        entry, before = BY_NAME[params.control_map], self._before(frames)
        if entry.is_still:
            maps = self._steady(entry, frames, before, params)
        else:
            self._calmed = None
            maps = drawn(entry, frames, same_shot(frames, before), params)
        return torch.lerp(frames, maps, params.control_mix) if params.control_mix < 1.0 else maps.expand_as(frames)

    def _run(self, call: Mapping[str, Any], params: ControlConfig) -> dict[str, Any]:
        outputs = super()._run(call, params)
        beside = {}
        if params.control_send_vace:
            beside["vace_input_frames"] = outputs["video"]
        if params.control_send_mask:
            beside["vace_input_masks"] = outputs["video"][..., :1].contiguous()
        return {"video": passthrough(call["video"], self.device), **beside} if beside else outputs

    def _before(self, frames: Tensor) -> Tensor:
        """Each frame's predecessor; the first of all is its own, so that nothing moves in it."""
        first = self._last_frame
        if first is None or first.shape[1:] != frames.shape[1:]:
            self._forget()
            first = frames[:1]
        self._last_frame = frames[-1:].clone()
        return torch.cat([first, frames[:-1]])

    def _steady(self, entry: ControlMap, frames: Tensor, before: Tensor, params: ControlConfig) -> Tensor:
        """The map of calmed frames, itself calmed: the first leaves less to flicker, the second what is left fades."""
        if params.control_smoothing <= 0.0:
            self._calmed = None
            return drawn(entry, frames, before, params)
        choice = (entry.name, params.control_invert, is_for_vace(params))
        last = self._last_map if self._calmed is not None and choice == self._last_choice else None
        calmed, shares = calm(frames, self._calmed, params.control_smoothing)
        maps = steady(drawn(entry, calmed, before, params), last, shares)
        self._calmed, self._last_map, self._last_choice = calmed[-1:].clone(), maps[-1:], choice
        return maps


def drawn(entry: ControlMap, frames: Tensor, before: Tensor, params: ControlConfig) -> Tensor:
    """A map in the polarity that the format and *Invert* ask for."""
    maps = entry.draw(frames, before, params)
    is_dark = entry.is_ink and is_for_vace(params)
    return 1.0 - maps if is_dark != params.control_invert else maps
