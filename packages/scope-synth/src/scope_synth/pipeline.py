"""The pipeline `synth`."""

import logging
from typing import Any, ClassVar

import torch
from torch import Tensor

from scope_gpu.plugin.pipeline import GeneratorPipeline, Moment
from scope_synth.generators import GENERATORS
from scope_synth.paint import PaletteBox, paint
from scope_synth.phase import Phase
from scope_synth.schema import SynthConfig
from scope_synth.typography.backdrop import over_clouds
from scope_synth.typography.layouts import LAYOUTS
from scope_synth.typography.lettering import Lettering
from scope_synth.view import Field, View

logger = logging.getLogger(__name__)


class SynthPipeline(GeneratorPipeline[SynthConfig]):
    """Draws a frame for the time of each call; keeps nothing from frame to frame but the phase of motion."""

    config: ClassVar[type[Any]] = SynthConfig

    def __init__(self, device: torch.device | str | None = None, **load: Any) -> None:
        super().__init__(device, **load)
        self._palette = PaletteBox(self.device)
        self._lettering = Lettering(self.parameters.resolve({}).synth_font, self.device)
        self._undrawable = ""
        self._phase = Phase()

    def on_reset(self) -> None:
        self._phase = Phase()

    def generate(self, params: SynthConfig, moment: Moment, prompt: str) -> Tensor:
        field = self._field(params, self._phase.at(moment.seconds, params.synth_speed), prompt)
        return paint(
            field,
            self._palette.table(params.synth_palette, params.synth_colors),
            hue=params.synth_hue,
            bands=params.synth_bands,
            intensity=params.synth_intensity,
            contrast=params.synth_contrast,
        )

    def _field(self, params: SynthConfig, phase: float, prompt: str) -> Field:
        view = View(params.height, params.width, params.synth_scale, self.device)
        seed, detail, warp = params.base_seed, params.synth_detail, params.synth_warp
        if params.synth_generator != "type":
            return GENERATORS[params.synth_generator](view, phase, seed, detail, warp)
        text = self._text(params.synth_text or prompt)
        letters = LAYOUTS[params.synth_layout](view, phase, seed, text, self._lettering, detail, warp)
        return over_clouds(letters, view, phase, seed)

    def _text(self, wanted: str) -> str:
        """What can be drawn of a text; the pipeline's name where that is nothing, which is said once."""
        text = self._lettering.drawable(wanted)
        if wanted.strip() and not text and wanted != self._undrawable:
            self._undrawable = wanted
            logger.warning("synth: expected a text in ASCII, got %r; give a font that has it as 'synth_font'", wanted)
        return text or self.config.pipeline_name
