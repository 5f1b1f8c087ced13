"""The pipeline `control`: intake, one map, output."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from scope_control.maps import MAPS
from scope_control.maps.base import ControlMap, Shot, Source, is_for_vace
from scope_control.outputs import beside, shown
from scope_control.schema import ControlConfig
from scope_control.steady import Smoothing, lingering, lit, new_shots, same_shot
from scope_gpu.plugin.frames import intake, passthrough, reduced_intake
from scope_gpu.plugin.pipeline import Moment, VideoPipeline

BY_NAME = {name: entry for entry in MAPS for name in (entry.name, *entry.aliases)}


class ControlPipeline(VideoPipeline[ControlConfig]):
    """Turns frames into control maps. Remembers the last frame, for movement, and its calmed state and map, for smoothing."""

    config: ClassVar[type[ControlConfig]] = ControlConfig

    def __init__(self, device: torch.device | str | None = None, **load: Any) -> None:
        super().__init__(device, **load)
        self._forget()

    def on_reset(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._last_frame: Tensor | None = None
        self._lingering: Tensor | None = None
        self._smoothing = Smoothing()
        self._spare: list[Tensor] = []
        self._last_choice: tuple[Any, ...] = ()

    def is_on(self, params: ControlConfig) -> bool:
        if params.control_mix <= 0.0:
            self._forget()
        return params.control_mix > 0.0

    def filtered(self, video: Sequence[Tensor], params: ControlConfig, moment: Moment) -> Tensor:
        entry, size = BY_NAME[params.control_map], video[0].shape[1:3]
        source = entry.source(params, size[0])
        choice = (size, source, entry.name, params.control_invert, is_for_vace(params))
        if choice != self._last_choice:
            self._forget()
        self._last_choice = choice
        frames = self._intake(video, source)
        maps = shown(self._drawn(entry, frames, source, params), *size)
        return (
            torch.lerp(passthrough(video, self.device), maps, params.control_mix) if params.control_mix < 1.0 else maps
        )

    def _run(self, call: Mapping[str, Any], params: ControlConfig) -> dict[str, Any]:
        outputs = super()._run(call, params)
        return beside(outputs, call, self.device, control=params.control_send_vace, mask=params.control_send_mask)

    def _drawn(self, entry: ControlMap, frames: Tensor, source: Source, params: ControlConfig) -> Tensor:
        halvings = source.halvings
        if not entry.is_still:
            return self._movement(entry, frames, halvings, params)
        if params.control_smoothing <= 0.0 or not source.is_noisy:
            self._smoothing = Smoothing()
            return drawn(entry, Shot(frames, frames, halvings), params)

        def draw(calmed: Tensor) -> Tensor:
            return drawn(entry, Shot(calmed, calmed, halvings), params)

        return self._smoothing(frames, draw, params.control_smoothing, halvings)

    def _movement(self, entry: ControlMap, frames: Tensor, halvings: int, params: ControlConfig) -> Tensor:
        before = self._before(frames)
        maps = entry.draw(Shot(frames, same_shot(frames, before, halvings), halvings), params)
        if entry.lingers and params.control_smoothing > 0.0:
            cuts = new_shots(frames, before, halvings)
            levels = lingering(maps, self._lingering, params.control_smoothing, cuts)
            self._lingering, maps = levels[-1:], lit(levels)
        return polarized(maps, entry, params)

    def _intake(self, video: Sequence[Tensor], source: Source) -> Tensor:
        if source != Source():
            return reduced_intake(video, self.device, source.halvings, source.weights)
        # The last batch is still in use for smoothing, the one before it is not.
        old = self._spare.pop(0) if len(self._spare) > 1 else None
        self._spare.append(frames := intake(video, self.device, into=old))
        return frames

    def _before(self, frames: Tensor) -> Tensor:
        """Each frame's predecessor; the first of all is its own, so that nothing moves in it."""
        first = frames[:1] if self._last_frame is None else self._last_frame
        self._last_frame = frames[-1:].clone()
        return torch.cat([first, frames[:-1]])


def drawn(entry: ControlMap, shot: Shot, params: ControlConfig) -> Tensor:
    """A map in its polarity."""
    return polarized(entry.draw(shot, params), entry, params)


def polarized(maps: Tensor, entry: ControlMap, params: ControlConfig) -> Tensor:
    """Maps in the polarity that the format and *Invert* ask for."""
    is_dark = entry.is_ink and is_for_vace(params)
    return 1.0 - maps if is_dark != params.control_invert else maps
