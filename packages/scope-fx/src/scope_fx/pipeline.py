"""The pipeline `fx`: the effects in their order."""

from typing import Any

import torch
from torch import Tensor

from scope_fx.effects.aberration import aberration
from scope_fx.effects.bloom import bloom
from scope_fx.effects.edge_glow import edge_glow
from scope_fx.effects.glitch import Faults, glitch
from scope_fx.effects.grade import Grade, grade
from scope_fx.effects.grain import grain
from scope_fx.effects.halftone import halftone
from scope_fx.effects.kaleidoscope import kaleidoscope
from scope_fx.effects.mirror import mirror
from scope_fx.effects.pixelate import pixelate
from scope_fx.effects.posterize import posterize
from scope_fx.effects.trails import Motion, Trails
from scope_fx.effects.vignette import vignette
from scope_fx.schema import FxConfig
from scope_gpu.plugin.pipeline import FilterPipeline, Moment


class FxPipeline(FilterPipeline[FxConfig]):
    """Composition, light, lens, print, transmission, film: first what rearranges the picture, last what lies on top.

    Trails come before the grade, so that a grade acts once on a trail instead of once a frame.
    """

    config = FxConfig

    def __init__(self, device: torch.device | str | None = None, **load: Any) -> None:
        super().__init__(device, **load)
        self._trails = Trails()

    def on_reset(self) -> None:
        self._trails = Trails()

    def process(self, frames: Tensor, params: FxConfig, moment: Moment) -> Tensor:
        p = params
        frames = self._compose(frames, p)
        frames = grade(frames, _grade(p))
        frames = bloom(frames, p.bloom, p.bloom_threshold, p.bloom_radius)
        frames = aberration(frames, p.aberration)
        frames = vignette(frames, p.vignette, p.vignette_size)
        frames = pixelate(frames, p.pixelate, p.pixelate_shape)
        frames = posterize(frames, p.posterize, p.posterize_levels)
        frames = halftone(frames, p.halftone, p.halftone_size, p.halftone_inks)
        frames = glitch(frames, p.glitch, p.glitch_rate, _faults(p), p.base_seed, moment.seconds)
        return grain(frames, p.grain, p.grain_size, p.grain_color, p.base_seed, moment.index)

    def _compose(self, frames: Tensor, p: FxConfig) -> Tensor:
        frames = mirror(frames, p.mirror)
        frames = kaleidoscope(frames, p.kaleidoscope, p.kaleidoscope_segments, p.kaleidoscope_turn, p.kaleidoscope_zoom)
        frames = edge_glow(frames, p.edge_glow, p.edge_glow_color, p.edge_glow_hue, p.edge_glow_background)
        return self._trails(frames, p.trails, p.trails_mode, Motion(p.trails_zoom, p.trails_rotation, p.trails_hue))


def _grade(p: FxConfig) -> Grade:
    return Grade(
        exposure=p.grade_exposure,
        temperature=p.grade_temperature,
        tint=p.grade_tint,
        lift=p.grade_lift,
        gamma=p.grade_gamma,
        gain=p.grade_gain,
        contrast=p.grade_contrast,
        saturation=p.grade_saturation,
        hue=p.grade_hue,
    )


def _faults(p: FxConfig) -> Faults:
    return Faults(blocks=p.glitch_blocks, lines=p.glitch_lines, split=p.glitch_split)
