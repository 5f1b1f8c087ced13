"""Looks: what the menu `fx_look` sets.

A look must work in the original host as well, which builds its panel from the schema alone and knows no presets. So it is
applied inside the pipeline, when parameters are resolved: it takes the place of the schema's defaults. A control that a
client has sent since the stream began wins over it, also with the value of its default; one given at load wins where it
is not the default, because hosts give all defaults at load. Sliders in a panel do not move with the menu.
"""

from typing import Any

from scope_gpu.plugin.params import Presets

LOOKS: dict[str, dict[str, Any]] = {
    "neon": {"edge_glow": 0.9, "edge_glow_background": 0.3, "trails": 0.82, "trails_hue": 4.0, "vignette": 0.35},
    "dream": {
        "bloom": 0.75,
        "bloom_threshold": 0.45,
        "bloom_radius": 0.7,
        "grade_temperature": 0.25,
        "grade_contrast": -0.15,
        "grade_saturation": 0.1,
        "vignette": 0.35,
        "grain": 0.15,
    },
    "noir": {
        "grade_saturation": -1.0,
        "grade_contrast": 0.6,
        "grade_exposure": 0.2,
        "bloom": 0.3,
        "bloom_threshold": 0.75,
        "vignette": 0.65,
        "grain": 0.6,
        "grain_size": 1.8,
    },
    "newsprint": {"halftone": 1.0, "halftone_inks": "black", "halftone_size": 2.0, "grade_contrast": 0.3},
    "pop": {"posterize": 0.7, "halftone": 0.9, "halftone_size": 2.4, "grade_saturation": 0.5, "grade_exposure": 0.3},
    "lamps": {
        "pixelate": 0.35,
        "pixelate_shape": "lamps",
        "bloom": 0.6,
        "bloom_threshold": 0.4,
        "grade_saturation": 0.4,
        "grade_exposure": 0.4,
    },
    "signal lost": {"glitch": 0.65, "aberration": 0.45, "grain": 0.35, "grade_contrast": 0.2, "vignette": 0.3},
    "kaleidoscope": {
        "kaleidoscope": 1.0,
        "kaleidoscope_segments": 6,
        "kaleidoscope_turn": 0.8,
        "bloom": 0.35,
        "grade_saturation": 0.3,
        "grade_contrast": 0.2,
    },
}

PRESETS = Presets("fx_look", LOOKS)
