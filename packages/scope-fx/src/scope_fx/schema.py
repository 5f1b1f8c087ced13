"""The controls of `fx`: names, ranges and the one place of their defaults.

Every effect has an amount named after it, 0 by default, so that adding the plugin changes nothing until a control is
moved. The other controls shape an effect and start where it looks good.
"""

from importlib import metadata
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType
from scope_gpu.plugin.controls import choice, seed, slider, unit_slider

# Scenes for hosts that show what a pipeline can do.
EXAMPLES: list[Any] = [
    {"bloom": 0.6, "bloom_threshold": 0.5, "grade_temperature": 0.4},
    {"trails": 0.9, "trails_zoom": 3.0, "trails_hue": 12.0},
    {"edge_glow": 1.0, "trails": 0.85, "trails_rotation": 1.5},
    {"kaleidoscope": 1.0, "kaleidoscope_segments": 5},
    {"halftone": 1.0},
    {"glitch": 1.0, "aberration": 0.6},
    {"pixelate": 0.4, "pixelate_shape": "lamps", "grade_saturation": 0.4},
    {"posterize": 1.0, "mirror": "left", "grade_hue": 150.0},
    {"grain": 0.9, "grade_saturation": -1.0, "grade_contrast": 0.4, "vignette": 0.6},
]


class FxConfig(BasePipelineConfig):
    """The schema of `fx`; fields stand in the order in which the effects are applied."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})

    pipeline_id: ClassVar[str] = "fx"
    pipeline_name: ClassVar[str] = "FX"
    pipeline_description: ClassVar[str] = (
        "Thirteen video effects in one pass: mirror, kaleidoscope, edge glow, feedback trails, colour grade, bloom, "
        "chromatic aberration, vignette, pixelate, posterise, halftone, glitch and film grain."
    )
    pipeline_version: ClassVar[str] = metadata.version("scope-fx")
    # A chain of pipelines keeps what lies between two steps of 8 bits.
    frame_dtype: ClassVar[str] = "float32"
    docs_url: ClassVar[str | None] = "https://github.com/daydream-plugins/scope-plugins/tree/main/packages/scope-fx"
    supports_prompts: ClassVar[bool] = False
    modes: ClassVar[dict[str, ModeDefaults]] = {"video": ModeDefaults(default=True)}
    frame_dtype: ClassVar[Literal["uint8", "float32"]] = "float32"
    usage: ClassVar[list[UsageType]] = [UsageType.POSTPROCESSOR]

    mirror: Literal["off", "left", "right", "top", "bottom", "quarters"] = choice(
        10, "Mirror", "The half of the picture that is kept and reflected; quarters keeps the top left", "off"
    )

    kaleidoscope: float = unit_slider(
        20, "Kaleidoscope", "Fold the picture into mirrored segments, from the centre outwards"
    )
    kaleidoscope_segments: int = slider(21, "Kaleidoscope segments", "How often the pattern repeats", 6, 2, 16)
    kaleidoscope_turn: float = unit_slider(
        22, "Kaleidoscope turn", "Which part of the picture is shown, in turns around the centre"
    )
    kaleidoscope_zoom: float = slider(23, "Kaleidoscope zoom", "Size of the pattern in doublings", 0.0, -1.0, 2.0)

    edge_glow: float = unit_slider(30, "Edge glow", "Draw contours as neon light over the darkened picture")
    edge_glow_color: Literal["spectrum", "picture"] = choice(
        31, "Edge glow colour", "Colour lines by their direction, or as in the picture", "spectrum"
    )
    edge_glow_hue: float = unit_slider(32, "Edge glow hue", "Turn the spectrum's colours; 1 is a full turn")
    edge_glow_background: float = unit_slider(
        33, "Edge glow background", "How much of the picture stays between the lines", 0.15
    )

    trails: float = unit_slider(
        40, "Trails", "Share of the last picture that is left after a frame; 1 keeps it for ever"
    )
    trails_mode: Literal["lighten", "screen", "blend"] = choice(
        41, "Trails mode", "Keep the brighter of frame and trail, add their light, or average them", "lighten"
    )
    trails_zoom: float = slider(42, "Trails zoom", "Growth of the trail in percent a frame", 2.0, -10.0, 10.0)
    trails_rotation: float = slider(43, "Trails rotation", "Turn of the trail in degrees a frame", 0.0, -10.0, 10.0)
    trails_hue: float = slider(44, "Trails hue", "Change of the trail's hue in degrees a frame", 0.0, -30.0, 30.0)

    grade_exposure: float = slider(50, "Exposure", "In stops: +1 doubles the light", 0.0, -3.0, 3.0)
    grade_contrast: float = slider(51, "Contrast", "Slope at middle grey, in doublings", 0.0, -1.0, 1.0)
    grade_saturation: float = slider(52, "Saturation", "-1 is greyscale, 1 twice as colourful", 0.0, -1.0, 1.0)
    grade_temperature: float = slider(53, "Temperature", "From cold blue to warm amber", 0.0, -1.0, 1.0)
    grade_tint: float = slider(54, "Tint", "From green to magenta", 0.0, -1.0, 1.0)
    grade_hue: float = slider(55, "Hue", "Turn all colours, in degrees, red towards green", 0.0, -180.0, 180.0)
    grade_lift: float = slider(56, "Lift", "Brightness of the shadows", 0.0, -0.5, 0.5)
    grade_gamma: float = slider(57, "Gamma", "Brightness of the middle tones, in doublings", 0.0, -1.0, 1.0)
    grade_gain: float = slider(58, "Gain", "Brightness of the highlights", 0.0, -1.0, 1.0)

    bloom: float = unit_slider(60, "Bloom", "Light that spills from highlights")
    bloom_threshold: float = unit_slider(61, "Bloom threshold", "Brightness from which pixels glow", 0.7)
    bloom_radius: float = unit_slider(62, "Bloom radius", "From a tight glow to a wide haze", 0.5)

    aberration: float = unit_slider(70, "Chromatic aberration", "Colour fringes that grow towards the edges")

    vignette: float = unit_slider(80, "Vignette", "Darken the corners")
    vignette_size: float = unit_slider(81, "Vignette size", "How much of the picture stays bright", 0.4)

    pixelate: float = unit_slider(90, "Pixelate", "Size of the tiles of a mosaic")
    pixelate_shape: Literal["square", "lamps"] = choice(
        91, "Pixelate shape", "Square tiles or a wall of lamps", "square"
    )

    posterize: float = unit_slider(100, "Posterise", "Flatten brightness into steps")
    posterize_levels: int = slider(101, "Posterise levels", "Number of steps", 5, 2, 16)

    halftone: float = unit_slider(110, "Halftone", "Print the picture in dots of ink")
    halftone_size: float = slider(111, "Halftone size", "Distance of the dots in percent of the height", 2.0, 1.0, 10.0)
    halftone_inks: Literal["cmyk", "black"] = choice(112, "Halftone inks", "Four-colour or black print", "cmyk")

    glitch: float = unit_slider(120, "Glitch", "Tear the signal in bursts")
    glitch_rate: float = slider(121, "Glitch rate", "Changes of the pattern a second", 8.0, 1.0, 30.0)
    glitch_blocks: float = unit_slider(122, "Glitch blocks", "Share of displaced blocks", 0.6)
    glitch_lines: float = unit_slider(123, "Glitch lines", "Share of torn scanlines", 0.7)
    glitch_split: float = unit_slider(124, "Glitch split", "Distance of the colour channels", 0.7)

    grain: float = unit_slider(130, "Film grain", "Noise in the middle tones, as of film")
    grain_size: float = slider(131, "Grain size", "Width of a grain in pixels", 1.4, 1.0, 4.0)
    grain_color: float = unit_slider(132, "Grain colour", "From grey to coloured grain", 0.25)

    base_seed: int = seed(140, "Another seed, other glitches and other grain")
