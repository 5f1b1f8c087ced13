"""Renders `synth.jpg`, the picture of the README, beside this file."""

from pathlib import Path

import torch
from PIL import Image

from scope_synth.pipeline import SynthPipeline

COLUMNS = 3
HEIGHT, WIDTH = 198, 352

TILES = [
    {"prompt": "light in motion", "synth_layout": "wave", "synth_palette": "ocean", "synth_detail": 1.0},
    {"synth_generator": "tunnel", "synth_palette": "neon"},
    {"synth_generator": "noise", "synth_palette": "sunset"},
    {"synth_generator": "fractal", "synth_palette": "ember", "synth_warp": 0.0, "seconds": 31.0},
    {"synth_generator": "metaballs", "synth_palette": "neon", "synth_detail": 1.0, "seconds": 7.0},
    {"synth_generator": "fire", "synth_palette": "ember"},
    {"prompt": "make some noise", "synth_layout": "words", "synth_palette": "aurora", "seconds": 1.8},
    {"synth_generator": "cells", "synth_palette": "neon", "seconds": 8.0},
    {"synth_generator": "kaleidoscope", "synth_palette": "sunset"},
    {"synth_generator": "water", "synth_palette": "ocean", "synth_scale": 0.6},
    {"synth_generator": "truchet", "synth_palette": "gold", "synth_detail": 0.0, "synth_warp": 0.0, "seconds": 5.0},
    {"synth_generator": "stars", "synth_palette": "neon", "synth_warp": 1.0},
    {"synth_generator": "mesh", "synth_palette": "aurora", "seconds": 20.0},
    {"synth_generator": "bars", "synth_palette": "neon"},
    {"prompt": "synth", "synth_layout": "ticker", "synth_palette": "rainbow"},
    {"synth_generator": "lissajous", "synth_palette": "aurora", "seconds": 3.0},
    {"synth_generator": "flow", "synth_palette": "neon"},
    {"synth_generator": "fluid", "synth_palette": "sunset", "synth_warp": 0.8},
    {"synth_generator": "reaction", "synth_palette": "ocean", "synth_detail": 0.3},
    {"synth_generator": "cave", "synth_palette": "neon", "synth_warp": 0.7},
    {"synth_generator": "testcard", "synth_palette": "aurora"},
]


def main() -> None:
    pipeline = SynthPipeline(device="cpu", height=HEIGHT, width=WIDTH)
    pictures = [
        pipeline(init_cache=True, **{"frame_time": tile.get("seconds", 2.0), **tile})["video"][0] for tile in TILES
    ]
    rows = [torch.cat(pictures[i : i + COLUMNS], dim=1) for i in range(0, len(pictures), COLUMNS)]
    sheet = (torch.cat(rows) * 255.0).round().to(torch.uint8)
    Image.fromarray(sheet.numpy()).save(Path(__file__).with_suffix(".jpg"), quality=76, optimize=True)


if __name__ == "__main__":
    main()
