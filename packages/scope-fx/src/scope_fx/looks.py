"""Looks: what the menu `fx_look` sets.

A look must work in the original host as well, which builds its panel from the schema alone and knows no presets. So it is
applied inside the pipeline, when parameters are resolved: it takes the place of the schema's defaults. A control that a
client has sent since the stream began wins over it, also with the value of its default; one given at load wins where it
is not the default, because hosts give all defaults at load. Sliders in a panel do not move with the menu.
"""

from typing import Any

from scope_gpu.plugin.params import Presets

LOOKS: dict[str, dict[str, Any]] = {
    "neon": {
        "edge_glow": 1.0,
        "edge_glow_background": 0.22,
        "trails": 0.85,
        "trails_hue_turn": 0.33,
        "grade_exposure": 1.0,
        "grade_saturation": 0.6,
        "grade_gamma": 0.15,
        "bloom": 0.75,
        "bloom_threshold": 0.45,
        "vignette": 0.15,
    },
    "dream": {
        "grade_temperature": 0.2,
        "grade_contrast": 0.35,
        "grade_saturation": 0.25,
        "bloom": 0.65,
        "bloom_threshold": 0.55,
        "bloom_radius": 0.75,
        "rays": 0.2,
        "vignette": 0.35,
        "grain": 0.12,
    },
    "noir": {
        "grade_saturation": -1.0,
        "grade_contrast": 0.55,
        "grade_exposure": 0.6,
        "bloom": 0.35,
        "bloom_threshold": 0.75,
        "vignette": 0.6,
        "grain": 0.45,
        "grain_size": 1.8,
    },
    "comic": {"comic": 1.0, "grade_saturation": 0.35, "grade_exposure": 0.2},
    "print": {"halftone": 1.0, "halftone_size": 1.8, "grade_saturation": 0.4, "grade_exposure": 0.3},
    "oil": {"oil": 1.0, "grade_saturation": 0.25, "grade_contrast": 0.15},
    "liquid chrome": {
        "liquid": 0.7,
        "liquid_light": 0.9,
        "gradient_map": 0.85,
        "gradient_map_colors": "ice",
        "bump": 0.5,
        "bump_shine": 0.9,
        "bloom": 0.4,
    },
    "time warp": {"rgb_delay": 1.0, "rgb_delay_time": 0.16, "slit_scan": 0.35, "grade_contrast": 0.2, "bloom": 0.3},
    "hall of mirrors": {
        "kaleidoscope": 1.0,
        "kaleidoscope_segments": 6,
        "kaleidoscope_turn": 0.8,
        "feedback": 0.45,
        "feedback_zoom": 0.7,
        "feedback_turn": 0.03,
        "grade_saturation": 0.5,
        "grade_contrast": 0.3,
        "bloom": 0.35,
    },
    "mosh": {"datamosh": 0.96, "datamosh_push": 1.4, "pixel_sort": 0.2, "aberration": 0.25, "grade_saturation": 0.2},
    "tape": {"vhs": 1.0, "crt": 0.8, "crt_bulge": 0.5, "grade_exposure": 0.1, "bloom": 0.2},
    "signal lost": {
        "glitch": 0.7,
        "aberration": 0.45,
        "pixel_sort": 0.25,
        "pixel_sort_direction": "right",
        "grade_contrast": 0.2,
        "vignette": 0.3,
        "grain": 0.3,
    },
}

PRESETS = Presets("fx_look", LOOKS)
