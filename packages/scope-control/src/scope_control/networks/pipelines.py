"""The pipelines `control-depth` and `control-matte`."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from scope_control.maps.base import coarse
from scope_control.networks.catalog import DEPTH, MATTE
from scope_control.networks.depth import Range, depth_of
from scope_control.networks.loading import load
from scope_control.networks.matte import refined, share_of
from scope_control.networks.schema import DepthConfig, MatteConfig, NetworkConfig
from scope_control.outputs import beside, shown
from scope_control.steady import Smoothing, new_shots
from scope_gpu.plugin.frames import passthrough, reduced_intake
from scope_gpu.plugin.pipeline import Moment, VideoPipeline


class NetworkPipeline[ConfigT: NetworkConfig](VideoPipeline[ConfigT]):
    """A map by a network, smoothed over time. A subclass writes `draw` and names its controls."""

    def __init__(self, device: torch.device | str | None = None, **load: Any) -> None:
        super().__init__(device, **load)
        self.on_reset()

    def on_reset(self) -> None:
        self._smoothing = Smoothing()
        self._choice: tuple[Any, ...] = ()

    @abstractmethod
    def draw(self, frames: Tensor, params: ConfigT) -> Tensor:
        """TCHW [0, 1] to the map T1HW [0, 1] of the same size."""

    @abstractmethod
    def controls(self, params: ConfigT) -> tuple[float, bool, float]:
        """Mix, invert and smoothing."""

    def is_on(self, params: ConfigT) -> bool:
        if self.controls(params)[0] <= 0.0:
            self.on_reset()
        return self.controls(params)[0] > 0.0

    def filtered(self, video: Sequence[Tensor], params: ConfigT, moment: Moment) -> Tensor:
        (height, width), (mix, invert, smoothing) = video[0].shape[1:3], self.controls(params)
        if self._choice != (choice := (height, width, invert)):
            self.on_reset()
        self._choice = choice
        halvings = coarse(height)
        frames = reduced_intake(video, self.device, halvings)

        def draw(pictures: Tensor) -> Tensor:
            maps = self.draw(pictures, params)
            return 1.0 - maps if invert else maps

        maps = shown(self._smoothing(frames, draw, smoothing, halvings), height, width)
        return torch.lerp(passthrough(video, self.device), maps, mix) if mix < 1.0 else maps


class DepthPipeline(NetworkPipeline[DepthConfig]):
    """Depth as brightness."""

    config: ClassVar[type[DepthConfig]] = DepthConfig

    def __init__(self, device: torch.device | str | None = None, **load_values: Any) -> None:
        super().__init__(device, **load_values)
        self._network = load("control-depth", DEPTH, "DepthAnythingForDepthEstimation", self.device)

    def on_reset(self) -> None:
        super().on_reset()
        self._range = Range()
        self._last: Tensor | None = None

    def controls(self, params: DepthConfig) -> tuple[float, bool, float]:
        return params.depth_mix, params.depth_invert, params.depth_smoothing

    def draw(self, frames: Tensor, params: DepthConfig) -> Tensor:
        first = frames[:1] if self._last is None else self._last
        cuts = new_shots(frames, torch.cat([first, frames[:-1]]))
        self._last = frames[-1:].clone()
        return self._range.spread(depth_of(self._network, frames, params.depth_resolution), cuts)

    def _run(self, call: Mapping[str, Any], params: DepthConfig) -> dict[str, Any]:
        return beside(super()._run(call, params), call, self.device, control=params.depth_send_vace)


class MattePipeline(NetworkPipeline[MatteConfig]):
    """A mask of people."""

    config: ClassVar[type[MatteConfig]] = MatteConfig

    def __init__(self, device: torch.device | str | None = None, **load_values: Any) -> None:
        super().__init__(device, **load_values)
        self._network = load("control-matte", MATTE, "MobileNetV2ForSemanticSegmentation", self.device)

    def controls(self, params: MatteConfig) -> tuple[float, bool, float]:
        return params.matte_mix, params.matte_invert, params.matte_smoothing

    def draw(self, frames: Tensor, params: MatteConfig) -> Tensor:
        share = share_of(self._network, frames, params.matte_subject, params.matte_resolution)
        return refined(share, frames)

    def _run(self, call: Mapping[str, Any], params: MatteConfig) -> dict[str, Any]:
        return beside(super()._run(call, params), call, self.device, mask=params.matte_send_mask)
