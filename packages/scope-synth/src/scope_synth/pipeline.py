"""The pipeline `synth`."""

import logging
from typing import Any, ClassVar

import torch
from torch import Tensor

from scope_gpu.plugin.clock import Beat
from scope_gpu.plugin.pipeline import GeneratorPipeline, Moment
from scope_synth.generators import GENERATORS
from scope_synth.generators.base import Memory, Scene
from scope_synth.lexicon import Reading, read
from scope_synth.paint import PaletteBox, paint
from scope_synth.phase import Phase
from scope_synth.schema import SynthConfig
from scope_synth.tempo import pulse, surge
from scope_synth.typography.lettering import Lettering
from scope_synth.view import Field, View

logger = logging.getLogger(__name__)

BY_NAME = {entry.name: entry for entry in GENERATORS}


class SynthPipeline(GeneratorPipeline[SynthConfig]):
    """Draws a frame for the time of each call; keeps the phase of motion, and what a generator remembers."""

    config: ClassVar[type[Any]] = SynthConfig

    def __init__(self, device: torch.device | str | None = None, **load: Any) -> None:
        super().__init__(device, **load)
        self._palette = PaletteBox(self.device)
        self._lettering = Lettering(self.parameters.resolve({}).synth_font, self.device)
        self._undrawable = ""
        self._read: tuple[str, Reading] = ("", Reading())
        self.on_reset()

    def on_reset(self) -> None:
        self._phase = Phase()
        self._memory: Memory = {}
        self._drawn: tuple[str, int, int] | None = None

    def generate(self, params: SynthConfig, moment: Moment, prompt: str) -> Tensor:
        if params.synth_follow:
            params = self._led(params, prompt)
        ahead = surge(moment.beat, params.synth_beat) * params.synth_speed
        phase = self._phase.at(moment.seconds, params.synth_speed) + ahead
        field = self._field(params, phase, prompt, moment.beat)
        return paint(
            field,
            self._palette.table(params.synth_palette, params.synth_colors),
            hue=params.synth_hue,
            bands=params.synth_bands,
            intensity=params.synth_intensity * pulse(moment.beat, params.synth_beat),
            contrast=params.synth_contrast,
        )

    def _led(self, params: SynthConfig, prompt: str) -> SynthConfig:
        """The parameters with what the prompt says, except where a control was moved from its default."""
        if prompt != self._read[0]:
            self._read = (prompt, read(prompt))
            understood = ", ".join(self._read[1].words) or "nothing"
            logger.info("synth: understood %r as %s", prompt, understood)
        fields = SynthConfig.model_fields
        unmoved = {n: v for n, v in self._read[1].values.items() if getattr(params, n) == fields[n].default}
        if "synth_palette" not in unmoved:
            unmoved.pop("synth_colors", None)
        return params.model_copy(update=unmoved)

    def _field(self, params: SynthConfig, phase: float, prompt: str, beat: Beat | None) -> Field:
        view = View(params.height, params.width, params.synth_scale, self.device)
        scene = Scene(view, phase, params.base_seed, self._text(params.synth_text or prompt), self._lettering, beat)
        drawn = (params.synth_generator, params.height, params.width)
        if drawn != self._drawn:
            self._memory, self._drawn = {}, drawn
        return BY_NAME[params.synth_generator].draw(scene, params, self._memory)

    def _text(self, wanted: str) -> str:
        """What can be drawn of a text; the pipeline's name where that is nothing, which is said once."""
        text = self._lettering.drawable(wanted)
        if wanted.strip() and not text and wanted != self._undrawable:
            self._undrawable = wanted
            logger.warning("synth: expected a text in ASCII, got %r; give a font that has it as 'synth_font'", wanted)
        return text or self.config.pipeline_name
