"""The pipeline `fx`: the effects in their order, under one amount and one beat."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor

from scope_fx.effects import EFFECTS
from scope_fx.looks import PRESETS
from scope_fx.schema import FxConfig
from scope_fx.tempo import at_rate, pulsed
from scope_gpu.plugin.clock import Moment
from scope_gpu.plugin.frames import to_thwc
from scope_gpu.plugin.pipeline import EffectPipeline
from scope_gpu.plugin.tempo import RATES

PULSING = [next(iter(effect.fields.model_fields)) for effect in EFFECTS if effect.pulses]


class FxPipeline(EffectPipeline[FxConfig]):
    """Frames through every effect that is on."""

    config = FxConfig
    effects = EFFECTS
    presets = PRESETS

    def own_tempo(self, params: FxConfig) -> tuple[float, bool]:
        return params.fx_bpm, params.fx_tap

    def _now(self, call: Mapping[str, Any], params: FxConfig) -> Moment:
        moment = super()._now(call, params)
        return replace(moment, beat=moment.beat and at_rate(moment.beat, RATES[params.fx_rate]))

    def is_on(self, params: FxConfig) -> bool:
        if params.fx_amount == 0.0:
            self._chain.reset()
            return False
        return super().is_on(params)

    def filtered(self, video: Sequence[Tensor], params: FxConfig, moment: Moment) -> Tensor:
        params = pulsed(params, PULSING, moment.beat, params.fx_beat)
        if params.fx_amount == 1.0:
            return super().filtered(video, params, moment)
        return to_thwc(self.process(self._intake(video), params, moment))

    def process(self, frames: Tensor, params: FxConfig, moment: Moment) -> Tensor:
        if params.fx_amount == 1.0:
            return super().process(frames, params, moment)
        untouched = frames.clone()
        return untouched.lerp_(super().process(frames, params, moment), params.fx_amount)
