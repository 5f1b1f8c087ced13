"""The schema of `synth`: what the pipeline is, and the controls of its generators put together."""

from importlib import metadata
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, ui_field_config
from scope_gpu.image.palette import PALETTES
from scope_gpu.plugin.controls import choice, seed, slider, text, toggle, unit_slider
from scope_gpu.plugin.looks import NO_LOOK, look_menu
from scope_gpu.plugin.schema import with_fields
from scope_gpu.plugin.tempo import RATES, beat_amount, beat_rate, own_bpm, tap
from scope_synth.generators import GENERATORS
from scope_synth.generators.base import SharedFields
from scope_synth.looks import LOOKS
from scope_synth.typography.layouts import LAYOUTS

# One striking setting for each generator, for hosts that show what a pipeline can do.
EXAMPLES: list[Any] = [
    {"synth_generator": "type", "synth_layout": "vortex", "synth_text": "light in motion", "synth_palette": "ocean"},
    {"synth_generator": "type", "synth_layout": "words", "synth_text": "make some noise", "synth_palette": "aurora"},
    {"synth_generator": "noise", "synth_palette": "sunset"},
    {"synth_generator": "cells", "synth_palette": "neon"},
    {"synth_generator": "tunnel", "synth_palette": "sunset"},
    {"synth_generator": "fractal", "synth_palette": "gold", "synth_warp": 0.0},
    {"synth_generator": "water", "synth_palette": "ocean", "synth_scale": 0.6},
    {"synth_generator": "stars", "synth_palette": "neon", "synth_warp": 1.0},
    {"synth_generator": "metaballs", "synth_palette": "neon"},
    {"synth_generator": "mesh", "synth_palette": "sunset", "synth_contrast": 1.2},
    {"synth_generator": "bars", "synth_palette": "neon"},
    {"synth_generator": "lissajous", "synth_palette": "aurora"},
    {"synth_generator": "truchet", "synth_palette": "gold", "synth_warp": 0.0},
    {"synth_generator": "fire", "synth_palette": "ember"},
    {"synth_generator": "kaleidoscope", "synth_palette": "sunset"},
    {"synth_generator": "reaction", "synth_palette": "ocean", "synth_detail": 0.3},
    {"synth_generator": "flow", "synth_palette": "neon"},
    {"synth_generator": "fluid", "synth_palette": "sunset", "synth_warp": 0.8},
    {"synth_generator": "cave", "synth_palette": "neon", "synth_warp": 0.7},
    {"synth_generator": "testcard", "synth_palette": "aurora"},
]


def _side(order: int, label: str) -> Any:
    ui = ui_field_config(order=order, label=label, component="resolution", is_load_param=True)
    return Field(default=512, ge=16, le=4096, description=f"{label} of the picture in pixels", json_schema_extra=ui)


PARTS = [SharedFields, *(entry.fields for entry in GENERATORS if entry.fields)]
MENUS = {
    "synth_look": [NO_LOOK, *LOOKS],
    "synth_generator": [entry.name for entry in GENERATORS],
    "synth_layout": list(LAYOUTS),
    "synth_palette": [*PALETTES, "custom"],
    "synth_rate": list(RATES),
}


@with_fields(PARTS, MENUS)
class SynthConfig(BasePipelineConfig):
    """The schema of `synth`; Detail and Warp mean the same in all generators, as far as they can."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})

    pipeline_id: ClassVar[str] = "synth"
    pipeline_name: ClassVar[str] = "Synth"
    pipeline_description: ClassVar[str] = (
        "Nineteen generators, drawn in real time without a model: animated type, noise, cells, tunnels, fractals, water, "
        "fluid, fire, reaction-diffusion, particle flow, metaballs and more, and a test card. The type generator draws the "
        "words of the prompt; the others follow the prompt's known words where that is switched on."
    )
    pipeline_version: ClassVar[str] = metadata.version("scope-synth")
    docs_url: ClassVar[str | None] = "https://github.com/daydream-plugins/scope-plugins/tree/main/packages/scope-synth"
    supports_prompts: ClassVar[bool] = True
    min_dimension: ClassVar[int] = 16
    modes: ClassVar[dict[str, ModeDefaults]] = {"text": ModeDefaults(default=True)}
    frame_dtype: ClassVar[Literal["uint8", "float32"]] = "float32"

    synth_look: str = look_menu("A whole picture by name; a control that is moved from its default wins over it")
    synth_generator: str = choice(
        "Generator", "What is drawn. Only type reads the prompt: it draws its words", "type", order=1
    )
    synth_text: str = text(
        "Text", "What the type generator draws; empty draws the prompt (the heaviest of several)", "", order=2
    )
    synth_palette: str = choice("Palette", "The colors; custom takes them from Colors", "sunset", order=4)
    synth_colors: str = text(
        "Colors",
        "Colors of the custom palette, two or more, blended into a loop",
        "#0b1026 #2b59c3 #f2d7ee #d3a588",
        order=5,
    )
    synth_hue: float = unit_slider("Palette shift", "Moves all colors along the palette, in turns of it", 0.0, order=6)
    synth_bands: float = slider(
        "Bands",
        "How much of the palette a picture runs through; high values draw contour bands",
        1.0,
        0.0,
        4.0,
        order=7,
    )
    synth_speed: float = slider(
        "Speed", "Pace of all motion; 0 stands still, below 0 runs backwards", 1.0, -4.0, 4.0, order=8
    )
    synth_scale: float = slider("Scale", "Size of the forms", 1.0, 0.25, 4.0, order=9)
    synth_intensity: float = slider(
        "Intensity", "Brightness; what is brighter than full turns white", 1.0, 0.0, 2.0, order=12
    )
    synth_contrast: float = slider(
        "Contrast", "Contrast of light and shade; 0 leaves flat color", 1.0, 0.0, 2.0, order=13
    )
    synth_follow: bool = toggle(
        "Follow the prompt",
        "Known words of the prompt choose generator, colors, pace and light, where a control stands at its default",
        order=14,
    )
    synth_beat: float = beat_amount("How much motion leaps and light pulses with the tempo", order=15)
    synth_rate: str = beat_rate(order=16)
    synth_bpm: float = own_bpm(order=17)
    synth_tap: bool = tap(order=18)
    base_seed: int = seed("Another seed, another film; the same seed gives the same film", order=19)
    height: int = _side(20, "Height")
    width: int = _side(21, "Width")
    synth_font: str = text(
        "Font",
        "Font file for type, a path or a name such as DejaVuSans.ttf; empty takes the built-in one (ASCII)",
        "",
        is_load_param=True,
        order=22,
    )
