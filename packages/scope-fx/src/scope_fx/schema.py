"""The controls of `fx`: names, ranges and the one place of their defaults.

Every effect has an amount named after it, 0 by default, so that adding the plugin changes nothing until a control is
moved. The other controls shape an effect and start where it looks good.
"""

from importlib import metadata
from typing import Any, ClassVar, Literal

from pydantic import Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType, ui_field_config


def _amount(order: int, label: str, description: str) -> Any:
    """How much of an effect: 0 (off) to 1, open to modulation."""
    ui = ui_field_config(order=order, label=label, modulatable=True, modulatable_min=0.0, modulatable_max=1.0)
    return Field(default=0.0, ge=0.0, le=1.0, description=description, json_schema_extra=ui)


def _slider(order: int, label: str, description: str, default: float, low: float, high: float) -> Any:
    ui = ui_field_config(order=order, label=label)
    return Field(default=default, ge=low, le=high, description=description, json_schema_extra=ui)


def _menu(order: int, label: str, description: str, default: str) -> Any:
    return Field(default=default, description=description, json_schema_extra=ui_field_config(order=order, label=label))


class FxConfig(BasePipelineConfig):
    """The schema of `fx`; fields stand in the order in which the effects are applied."""

    pipeline_id: ClassVar[str] = "fx"
    pipeline_name: ClassVar[str] = "FX"
    pipeline_description: ClassVar[str] = (
        "Thirteen video effects in one pass: mirror, kaleidoscope, edge glow, feedback trails, colour grade, bloom, "
        "chromatic aberration, vignette, pixelate, posterise, halftone, glitch and film grain."
    )
    pipeline_version: ClassVar[str] = metadata.version("scope-fx")
    docs_url: ClassVar[str | None] = "https://github.com/daydream-plugins/scope-plugins/tree/main/packages/scope-fx"
    supports_prompts: ClassVar[bool] = False
    modes: ClassVar[dict[str, ModeDefaults]] = {"video": ModeDefaults(default=True)}
    usage: ClassVar[list[UsageType]] = [UsageType.POSTPROCESSOR]

    mirror: Literal["off", "left", "right", "top", "bottom", "quarters"] = _menu(
        10, "Mirror", "The half of the picture that is kept and reflected; quarters keeps the top left", "off"
    )

    kaleidoscope: float = _amount(
        20, "Kaleidoscope", "Fold the picture into mirrored segments, from the centre outwards"
    )
    kaleidoscope_segments: int = _slider(21, "Kaleidoscope segments", "How often the pattern repeats", 6, 2, 16)
    kaleidoscope_turn: float = _slider(
        22, "Kaleidoscope turn", "Which part of the picture is shown, in turns around the centre", 0.0, 0.0, 1.0
    )
    kaleidoscope_zoom: float = _slider(23, "Kaleidoscope zoom", "Size of the pattern in doublings", 0.0, -1.0, 2.0)

    edge_glow: float = _amount(30, "Edge glow", "Draw contours as neon light over the darkened picture")
    edge_glow_colour: Literal["spectrum", "picture"] = _menu(
        31, "Edge glow colour", "Colour lines by their direction, or as in the picture", "spectrum"
    )
    edge_glow_hue: float = _slider(32, "Edge glow hue", "Turn the spectrum's colours; 1 is a full turn", 0.0, 0.0, 1.0)
    edge_glow_background: float = _slider(
        33, "Edge glow background", "How much of the picture stays between the lines", 0.15, 0.0, 1.0
    )

    trails: float = _amount(40, "Trails", "Share of the last picture that is left after a frame; 1 keeps it for ever")
    trails_mode: Literal["lighten", "screen", "blend"] = _menu(
        41, "Trails mode", "Keep the brighter of frame and trail, add their light, or average them", "lighten"
    )
    trails_zoom: float = _slider(42, "Trails zoom", "Growth of the trail in percent a frame", 2.0, -10.0, 10.0)
    trails_rotation: float = _slider(43, "Trails rotation", "Turn of the trail in degrees a frame", 0.0, -10.0, 10.0)
    trails_hue: float = _slider(44, "Trails hue", "Change of the trail's hue in degrees a frame", 0.0, -30.0, 30.0)

    grade_exposure: float = _slider(50, "Exposure", "In stops: +1 doubles the light", 0.0, -3.0, 3.0)
    grade_contrast: float = _slider(51, "Contrast", "Slope at middle grey, in doublings", 0.0, -1.0, 1.0)
    grade_saturation: float = _slider(52, "Saturation", "-1 is greyscale, 1 twice as colourful", 0.0, -1.0, 1.0)
    grade_temperature: float = _slider(53, "Temperature", "From cold blue to warm amber", 0.0, -1.0, 1.0)
    grade_tint: float = _slider(54, "Tint", "From green to magenta", 0.0, -1.0, 1.0)
    grade_hue: float = _slider(55, "Hue", "Turn all colours, in degrees, red towards green", 0.0, -180.0, 180.0)
    grade_lift: float = _slider(56, "Lift", "Brightness of the shadows", 0.0, -0.5, 0.5)
    grade_gamma: float = _slider(57, "Gamma", "Brightness of the middle tones, in doublings", 0.0, -1.0, 1.0)
    grade_gain: float = _slider(58, "Gain", "Brightness of the highlights", 0.0, -1.0, 1.0)

    bloom: float = _amount(60, "Bloom", "Light that spills from highlights")
    bloom_threshold: float = _slider(61, "Bloom threshold", "Brightness from which pixels glow", 0.7, 0.0, 1.0)
    bloom_radius: float = _slider(62, "Bloom radius", "From a tight glow to a wide haze", 0.5, 0.0, 1.0)

    aberration: float = _amount(70, "Chromatic aberration", "Colour fringes that grow towards the edges")

    vignette: float = _amount(80, "Vignette", "Darken the corners")
    vignette_size: float = _slider(81, "Vignette size", "How much of the picture stays bright", 0.4, 0.0, 1.0)

    pixelate: float = _amount(90, "Pixelate", "Size of the tiles of a mosaic")
    pixelate_shape: Literal["square", "lamps"] = _menu(
        91, "Pixelate shape", "Square tiles or a wall of lamps", "square"
    )

    posterize: float = _amount(100, "Posterise", "Flatten brightness into steps")
    posterize_levels: int = _slider(101, "Posterise levels", "Number of steps", 5, 2, 16)

    halftone: float = _amount(110, "Halftone", "Print the picture in dots of ink")
    halftone_size: float = _slider(
        111, "Halftone size", "Distance of the dots in percent of the height", 2.0, 1.0, 10.0
    )
    halftone_inks: Literal["cmyk", "black"] = _menu(112, "Halftone inks", "Four-colour or black print", "cmyk")

    glitch: float = _amount(120, "Glitch", "Tear the signal in bursts")
    glitch_rate: float = _slider(121, "Glitch rate", "Changes of the pattern a second", 8.0, 1.0, 30.0)
    glitch_blocks: float = _slider(122, "Glitch blocks", "Share of displaced blocks", 0.6, 0.0, 1.0)
    glitch_lines: float = _slider(123, "Glitch lines", "Share of torn scanlines", 0.7, 0.0, 1.0)
    glitch_split: float = _slider(124, "Glitch split", "Distance of the colour channels", 0.7, 0.0, 1.0)

    grain: float = _amount(130, "Film grain", "Noise in the middle tones, as of film")
    grain_size: float = _slider(131, "Grain size", "Width of a grain in pixels", 1.4, 1.0, 4.0)
    grain_colour: float = _slider(132, "Grain colour", "From grey to coloured grain", 0.25, 0.0, 1.0)

    fx_seed: int = _slider(140, "Seed", "Another seed, other glitches and other grain", 1, 0, 999)
