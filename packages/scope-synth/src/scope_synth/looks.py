"""Looks of `synth`: a name for a whole picture. Importing this module does not import torch."""

from typing import Any

LOOKS: dict[str, dict[str, Any]] = {
    "marbled ink": {"synth_generator": "fluid", "synth_palette": "sunset", "synth_warp": 0.7},
    "electric silk": {"synth_generator": "flow", "synth_palette": "neon", "synth_detail": 0.8, "synth_warp": 0.4},
    "coral reef": {"synth_generator": "reaction", "synth_palette": "sunset", "synth_detail": 0.3, "synth_warp": 0.7},
    "neon cave": {"synth_generator": "cave", "synth_palette": "neon", "synth_warp": 0.8, "synth_intensity": 1.2},
    "warp speed": {
        "synth_generator": "stars",
        "synth_palette": "ice",
        "synth_hue": 0.8,
        "synth_warp": 1.0,
        "synth_speed": 1.6,
    },
    "lava lamp": {"synth_generator": "metaballs", "synth_palette": "ember", "synth_detail": 0.7, "synth_speed": 0.5},
    "aurora": {
        "synth_generator": "mesh",
        "synth_palette": "aurora",
        "synth_hue": 0.9,
        "synth_warp": 0.9,
        "synth_contrast": 1.6,
    },
    "clear water": {"synth_generator": "water", "synth_palette": "ocean", "synth_scale": 0.7, "synth_detail": 0.7},
    "stained glass": {"synth_generator": "cells", "synth_palette": "rainbow", "synth_warp": 0.15, "synth_detail": 0.2},
    "golden marble": {
        "synth_generator": "noise",
        "synth_palette": "gold",
        "synth_hue": 0.82,
        "synth_warp": 0.75,
        "synth_contrast": 0.4,
    },
    "mandala": {"synth_generator": "kaleidoscope", "synth_palette": "aurora", "synth_detail": 0.7, "synth_speed": 0.7},
    "bonfire": {"synth_generator": "fire", "synth_palette": "ember", "synth_detail": 0.8, "synth_warp": 0.6},
    "headlines": {"synth_generator": "type", "synth_layout": "ticker", "synth_palette": "neon", "synth_detail": 0.4},
    "whirl of words": {
        "synth_generator": "type",
        "synth_layout": "vortex",
        "synth_palette": "aurora",
        "synth_detail": 0.8,
    },
}
