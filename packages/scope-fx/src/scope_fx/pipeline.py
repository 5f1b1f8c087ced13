"""The pipeline `fx`: the effects in their order."""

from scope_fx.effects import EFFECTS
from scope_fx.schema import FxConfig
from scope_gpu.plugin.pipeline import EffectPipeline


class FxPipeline(EffectPipeline[FxConfig]):
    """Frames through every effect that is on."""

    config = FxConfig
    effects = EFFECTS
