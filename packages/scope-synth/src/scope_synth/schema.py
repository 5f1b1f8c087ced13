"""The controls of `synth` and their defaults."""

from importlib import metadata
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, ui_field_config

# One striking setting for each generator, for hosts that show what a pipeline can do.
EXAMPLES: list[Any] = [
    {"synth_generator": "type", "synth_layout": "vortex", "synth_text": "light in motion", "synth_palette": "ocean"},
    {"synth_generator": "type", "synth_layout": "words", "synth_text": "make some noise", "synth_palette": "aurora"},
    {"synth_generator": "noise", "synth_palette": "sunset"},
    {"synth_generator": "cells", "synth_palette": "neon"},
    {"synth_generator": "tunnel", "synth_palette": "ember"},
    {"synth_generator": "fractal", "synth_palette": "gold", "synth_warp": 0.0},
    {"synth_generator": "water", "synth_palette": "ocean", "synth_scale": 0.6},
]


def _menu(order: int, label: str, default: str, description: str) -> Any:
    return Field(default=default, description=description, json_schema_extra=ui_field_config(order=order, label=label))


def _slider(order: int, label: str, default: float, low: float, high: float, description: str) -> Any:
    ui = ui_field_config(order=order, label=label)
    return Field(default=default, ge=low, le=high, description=description, json_schema_extra=ui)


def _unit(order: int, label: str, default: float, description: str) -> Any:
    """A slider from 0 to 1, open to modulation."""
    ui = ui_field_config(order=order, label=label, modulatable=True, modulatable_min=0.0, modulatable_max=1.0)
    return Field(default=default, ge=0.0, le=1.0, description=description, json_schema_extra=ui)


def _side(order: int, label: str) -> Any:
    ui = ui_field_config(order=order, label=label, component="resolution", is_load_param=True)
    return Field(default=512, ge=16, le=4096, description=f"{label} of the picture in pixels", json_schema_extra=ui)


class SynthConfig(BasePipelineConfig):
    """The schema of `synth`; Detail and Warp mean the same in all generators, as far as they can."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})

    pipeline_id: ClassVar[str] = "synth"
    pipeline_name: ClassVar[str] = "Synth"
    pipeline_description: ClassVar[str] = (
        "Animated type, moving noise, cells, a tunnel, Julia fractals and light in water, drawn in real time without a "
        "model. The type generator draws the words of the prompt; the others do not read it."
    )
    pipeline_version: ClassVar[str] = metadata.version("scope-synth")
    docs_url: ClassVar[str | None] = "https://github.com/daydream-plugins/scope-plugins/tree/main/packages/scope-synth"
    supports_prompts: ClassVar[bool] = True
    min_dimension: ClassVar[int] = 16
    modes: ClassVar[dict[str, ModeDefaults]] = {"text": ModeDefaults(default=True)}

    synth_generator: Literal["type", "noise", "cells", "tunnel", "fractal", "water"] = _menu(
        1, "Generator", "type", "What is drawn. Only type reads the prompt: it draws its words"
    )
    synth_text: str = Field(
        default="",
        description="What the type generator draws; empty draws the prompt (the heaviest of several)",
        json_schema_extra=ui_field_config(order=2, label="Text"),
    )
    synth_layout: Literal["words", "wave", "ticker", "vortex"] = _menu(
        3, "Type layout", "words", "How type moves: word by word, on rippling cloth, in running rows, in turning rings"
    )
    synth_palette: Literal[
        "sunset",
        "ember",
        "ocean",
        "aurora",
        "neon",
        "forest",
        "gold",
        "ice",
        "mono",
        "rainbow",
        "dawn",
        "candy",
        "custom",
    ] = _menu(4, "Palette", "sunset", "The colours; custom takes them from Colours")
    synth_colors: str = Field(
        default="#0b1026 #2b59c3 #f2d7ee #d3a588",
        description="Colours of the custom palette, two or more, blended into a loop",
        json_schema_extra=ui_field_config(order=5, label="Colours"),
    )
    synth_hue: float = _unit(6, "Palette shift", 0.0, "Moves all colours along the palette; 1 is once around")
    synth_bands: float = _slider(
        7, "Bands", 1.0, 0.0, 4.0, "How much of the palette a picture runs through; high values draw contour bands"
    )
    synth_speed: float = _slider(
        8, "Speed", 1.0, -4.0, 4.0, "Pace of all motion; 0 stands still, below 0 runs backwards"
    )
    synth_scale: float = _slider(9, "Scale", 1.0, 0.25, 4.0, "Size of the forms")
    synth_detail: float = _unit(
        10,
        "Detail",
        0.5,
        "Fineness: octaves of noise and tunnel, rings in cells, iterations of the fractal, echoes or rows of type",
    )
    synth_warp: float = _unit(
        11, "Warp", 0.5, "Distortion: bends noise and cells, winds the tunnel, frays the fractal, ripples type"
    )
    synth_intensity: float = _slider(
        12, "Intensity", 1.0, 0.0, 2.0, "Brightness; what is brighter than full turns white"
    )
    synth_contrast: float = _slider(13, "Contrast", 1.0, 0.0, 2.0, "Contrast of light and shade; 0 leaves flat colour")
    base_seed: int = Field(
        default=42,
        ge=0,
        description="Another seed, another film; the same seed gives the same film",
        json_schema_extra=ui_field_config(order=14, label="Seed"),
    )
    height: int = _side(15, "Height")
    width: int = _side(16, "Width")
    synth_font: str = Field(
        default="",
        description="Font file for type, a path or a name such as DejaVuSans.ttf; empty takes the built-in one (ASCII)",
        json_schema_extra=ui_field_config(order=17, label="Font", is_load_param=True),
    )
