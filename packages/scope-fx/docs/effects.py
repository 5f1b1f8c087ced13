"""Renders `effects.jpg`, the picture in the README: `uv run packages/scope-fx/docs/effects.py`."""

from pathlib import Path

import av
import torch
from PIL import Image, ImageDraw, ImageFont

from scope.media.sample import sample_clip
from scope_fx.pipeline import FxPipeline
from scope_fx.schema import FxConfig

COLUMNS, TILE = 4, (400, 225)
# The one in which the footage moves most.
FRAME = 38

TILES = {
    "untouched": {},
    "transform": {"transform": 1.0, "transform_zoom": -0.8, "transform_turn": 0.06},
    "mirror": {"mirror": "left"},
    "kaleidoscope": {"kaleidoscope": 1.0, "kaleidoscope_segments": 6, "kaleidoscope_turn": 0.8},
    "tile": {"tile": 0.45, "tile_kind": "bricks", "tile_shift": 0.2},
    "Droste": {"droste": 1.0},
    "glass": {"glass": 0.7},
    "liquid": {"liquid": 1.0},
    "key": {"key": 1.0},
    "edge glow": {"edge_glow": 1.0, "edge_glow_background": 0.2},
    "trails": {"trails": 0.93, "trails_mode": "screen", "trails_growth": 1.3, "trails_hue_turn": 1.7},
    "edge glow + trails": {
        "edge_glow": 1.0,
        "trails": 0.9,
        "trails_growth": 1.1,
        "trails_turn": 0.07,
        "trails_hue_turn": 0.33,
    },
    "feedback": {"feedback": 0.8},
    "datamosh": {"datamosh": 1.0},
    "echo": {"echo": 1.0, "echo_tint": 0.6},
    "slit-scan": {"slit_scan": 1.0},
    "RGB delay": {"rgb_delay": 1.0, "rgb_delay_time": 0.25},
    "color grade": {
        "grade_exposure": -0.4,
        "grade_contrast": 0.6,
        "grade_temperature": -0.7,
        "grade_saturation": -0.15,
        "grade_hue_turn": -0.07,
    },
    "LUT": {"lut": 1.0, "lut_look": "teal and orange"},
    "gradient map": {"gradient_map": 1.0, "gradient_map_colors": "acid"},
    "blur": {"blur": 0.85, "blur_kind": "tilt"},
    "sharpen": {"sharpen": 1.0, "sharpen_radius": 0.5},
    "oil": {"oil": 1.0, "oil_size": 0.6},
    "comic": {"comic": 1.0},
    "light rays": {"rays": 1.0, "rays_x": 0.8, "rays_y": 0.1},
    "bloom": {"bloom": 1.0, "bloom_threshold": 0.55, "bloom_radius": 0.7},
    "bump light": {"bump": 0.7},
    "chromatic aberration": {"aberration": 1.0},
    "vignette": {"vignette": 1.0},
    "pixel sort": {"pixel_sort": 0.8},
    "pixelate": {"pixelate": 0.6, "pixelate_shape": "lamps"},
    "posterize": {"posterize": 1.0},
    "halftone": {"halftone": 1.0, "halftone_size": 2.5},
    "dither": {"dither": 1.0, "dither_colors": "ember", "dither_size": 0.7},
    "ASCII": {"ascii": 1.0, "ascii_size": 3.0},
    "dither + transform": {
        "dither": 1.0,
        "dither_colors": "mono",
        "dither_inks": 2,
        "transform": 1.0,
        "transform_zoom": 0.8,
    },
    "CRT": {"crt": 1.0},
    "VHS": {"vhs": 1.0},
    "glitch": {"glitch": 1.0, "base_seed": 4},
    "film grain": {"grain": 0.9, "grain_size": 1.8, "grade_saturation": -1.0, "grade_contrast": 0.4},
}


def main() -> None:
    video = frames()
    sheet = Image.new("RGB", (COLUMNS * TILE[0], -(-len(TILES) // COLUMNS) * TILE[1]))
    for place, (name, parameters) in enumerate(TILES.items()):
        sheet.paste(labelled(tile(video, parameters), name), (place % COLUMNS * TILE[0], place // COLUMNS * TILE[1]))
    sheet.save(Path(__file__).with_name("effects.jpg"), quality=72, optimize=True, progressive=True)


def frames() -> list[torch.Tensor]:
    """The sample's frames up to the one that is shown, (1, H, W, 3) uint8."""
    with av.open(sample_clip()) as clip:
        arrays = [frame.to_ndarray(format="rgb24") for frame in clip.decode(video=0)]
    return [torch.from_numpy(array)[None] for array in arrays[: FRAME + 1]]


def tile(video: list[torch.Tensor], parameters: dict) -> Image.Image:
    pipeline = FxPipeline(device="cpu")
    # Effects that look back look not much further than this.
    before = (
        25
        if FxConfig.keeps_state({name: field.default for name, field in FxConfig.model_fields.items()} | parameters)
        else 0
    )
    for number in range(FRAME - before, FRAME + 1):
        picture = pipeline(video=[video[number]], frame_time=number / 25.0, **parameters)["video"][0]
    array = (picture * 255.0).round().to(torch.uint8).numpy()
    return Image.fromarray(array).resize(TILE, Image.Resampling.LANCZOS)


def labelled(picture: Image.Image, name: str) -> Image.Image:
    draw = ImageDraw.Draw(picture)
    draw.text(
        (8, TILE[1] - 22), name, fill="white", stroke_fill="black", stroke_width=2, font=ImageFont.load_default(14)
    )
    return picture


if __name__ == "__main__":
    main()
