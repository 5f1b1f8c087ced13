"""The pipeline `synth`."""

import logging
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from scope_gpu.image.hashing import dither
from scope_gpu.plugin.clock import Beat
from scope_gpu.plugin.params import Presets
from scope_gpu.plugin.pipeline import GeneratorPipeline, Moment
from scope_gpu.plugin.prompts import Prompt
from scope_gpu.plugin.tempo import RATES
from scope_synth.blend import Take, picture_of, pictures, takes
from scope_synth.generators import GENERATORS
from scope_synth.generators.base import Memory, Scene
from scope_synth.looks import LOOKS
from scope_synth.paint import PaletteBox, paint
from scope_synth.phase import Phase
from scope_synth.reading import read
from scope_synth.schema import SynthConfig
from scope_synth.tempo import pulse, surge
from scope_synth.typography.lettering import Lettering
from scope_synth.view import View

logger = logging.getLogger(__name__)

BY_NAME = {entry.name: entry for entry in GENERATORS}


class SynthPipeline(GeneratorPipeline[SynthConfig]):
    """Draws a frame for the time of each call; keeps the phase of motion, and what a generator remembers."""

    config: ClassVar[type[Any]] = SynthConfig
    presets = Presets("synth_look", LOOKS)

    def __init__(self, device: torch.device | str | None = None, **load: Any) -> None:
        super().__init__(device, **load)
        self._palette = PaletteBox(self.device)
        self._lettering = Lettering(self.parameters.resolve({}).synth_font, self.device)
        self._noise: Tensor | None = None
        self._undrawable = ""
        self._followed: set[str] = set()
        self.on_reset()

    def on_reset(self) -> None:
        self._phase = Phase()
        self._memories: dict[Any, Memory] = {}

    def own_tempo(self, params: SynthConfig) -> tuple[float, bool]:
        return params.synth_bpm, params.synth_tap

    def generate(self, params: SynthConfig, moment: Moment, prompt: Prompt) -> Tensor:
        if params.synth_follow:
            self._report(prompt)
        parts = takes(params, prompt)
        speed, beat = parts[0].params.synth_speed, moment.beat
        ahead = surge(beat, params.synth_beat, RATES[params.synth_rate]) * speed
        phase = self._phase.at(moment.seconds, speed) + ahead
        palettes = [(part.params.synth_palette, part.params.synth_colors, part.share) for part in parts]
        return self._mixed(pictures(parts), phase, beat, self._palette.shaded(palettes))

    def _mixed(self, parts: Sequence[Take], phase: float, beat: Beat | None, table: Tensor) -> Tensor:
        kept = self._memories
        self._memories = {key: kept.get(key, {}) for key in (self._key(part) for part in parts)}
        drawn = [self._painted(part, phase, beat, table) for part in parts]
        return drawn[0] if len(drawn) == 1 else torch.lerp(drawn[0], drawn[1], parts[1].share)

    def _painted(self, part: Take, phase: float, beat: Beat | None, table: Tensor) -> Tensor:
        params = part.params
        view = View(params.height, params.width, params.synth_scale, self.device)
        scene = Scene(view, phase, params.base_seed, self._text(part.text), self._lettering, beat)
        field = BY_NAME[params.synth_generator].draw(scene, params, self._memories[self._key(part)])
        return paint(
            field,
            table,
            self._dither(view),
            hue=params.synth_hue,
            bands=params.synth_bands,
            intensity=params.synth_intensity * pulse(beat, params.synth_beat, RATES[params.synth_rate]),
            contrast=params.synth_contrast,
        )

    def _dither(self, view: View) -> Tensor:
        size = view.height, view.width
        if self._noise is None or self._noise.shape != size:
            self._noise = dither(size, self.device)
        return self._noise

    def _key(self, part: Take) -> tuple[Any, ...]:
        """What a generator's memory belongs to."""
        return (*picture_of(part), part.params.height, part.params.width, part.params.base_seed)

    def _report(self, prompt: Prompt) -> None:
        """Say once what was understood of each text that is followed."""
        texts = {text for shares, _ in prompt.sides() for text, _ in shares}
        for text in sorted(texts - self._followed):
            logger.info("synth: understood %r as %s", text, ", ".join(read(text).words) or "nothing")
        self._followed = texts

    def _text(self, wanted: str) -> str:
        """What can be drawn of a text; the pipeline's name where that is nothing, which is said once."""
        text = self._lettering.drawable(wanted)
        if wanted.strip() and not text and wanted != self._undrawable:
            self._undrawable = wanted
            logger.warning("synth: expected a text in ASCII, got %r; give a font that has it as 'synth_font'", wanted)
        return text or self.config.pipeline_name
