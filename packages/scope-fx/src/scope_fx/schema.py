"""The schema of `fx`: what the pipeline is, and the controls of its effects put together.

Every effect has an amount named after it, 0 by default, so that adding the plugin changes nothing until a look is chosen
or a control is moved. The other controls shape an effect and start where it looks good.
"""

from collections.abc import Mapping
from importlib import metadata
from types import SimpleNamespace
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType
from scope_fx.effects import EFFECTS
from scope_fx.looks import LOOKS
from scope_gpu.plugin.controls import seed, unit_slider
from scope_gpu.plugin.looks import NO_LOOK, look_menu
from scope_gpu.plugin.schema import with_fields
from scope_gpu.plugin.tempo import RATES, beat_amount, beat_rate, own_bpm, tap

# Scenes for hosts that show what a pipeline can do.
EXAMPLES: list[Any] = [{"fx_look": name} for name in LOOKS]


@with_fields([effect.fields for effect in EFFECTS], {"fx_look": [NO_LOOK, *LOOKS], "fx_rate": list(RATES)})
class FxConfig(BasePipelineConfig):
    """The schema of `fx`: fields of effects stand in the order in which they are applied."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})

    pipeline_id: ClassVar[str] = "fx"
    pipeline_name: ClassVar[str] = "FX"
    pipeline_description: ClassVar[str] = (
        "Video effects in one pass, each an exact passthrough at amount 0: composition, light and color, lens, paint and "
        "print, transmission and film."
    )
    pipeline_version: ClassVar[str] = metadata.version("scope-fx")
    # A chain of pipelines keeps what lies between two steps of 8 bits.
    frame_dtype: ClassVar[Literal["uint8", "float32"]] = "float32"
    docs_url: ClassVar[str | None] = "https://github.com/daydream-plugins/scope-plugins/tree/main/packages/scope-fx"
    supports_prompts: ClassVar[bool] = False
    modes: ClassVar[dict[str, ModeDefaults]] = {"video": ModeDefaults(default=True)}
    usage: ClassVar[list[UsageType]] = [UsageType.POSTPROCESSOR]

    fx_look: str = look_menu("Sets many controls at once; a control that you move wins over the look")
    fx_amount: float = unit_slider("Amount", "Mix of the untouched picture, 0, and the effects, 1", 1.0, order=1)
    fx_beat: float = beat_amount("How much effects come on the beat and fade until the next one")
    fx_rate: str = beat_rate()
    fx_bpm: float = own_bpm()
    fx_tap: bool = tap()
    base_seed: int = seed("Another seed, other glitches and other grain")

    @classmethod
    def keeps_state(cls, values: Mapping[str, Any]) -> bool:
        """Whether an effect is on that does."""
        look = LOOKS.get(values["fx_look"], {})
        return any(
            effect.keeps_state and effect.is_on(SimpleNamespace(**controls))
            for effect in EFFECTS
            for controls in (values, {**values, **look})
        )
