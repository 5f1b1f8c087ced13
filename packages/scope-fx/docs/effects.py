"""Renders `effects.jpg`, the picture in the README: `uv run packages/scope-fx/docs/effects.py`."""

from pathlib import Path

import av
import torch
from PIL import Image, ImageDraw, ImageFont

from scope.media.sample import sample_clip
from scope_fx.pipeline import FxPipeline

COLUMNS, TILE = 4, (400, 225)
FRAME = 60

TILES = {
    "untouched": {},
    "mirror": {"mirror": "left"},
    "kaleidoscope": {"kaleidoscope": 1.0, "kaleidoscope_segments": 6, "kaleidoscope_turn": 0.8},
    "kaleidoscope 0.4": {"kaleidoscope": 0.4, "kaleidoscope_segments": 8, "kaleidoscope_turn": 0.82},
    "edge glow": {"edge_glow": 1.0, "edge_glow_background": 0.2},
    "trails": {"trails": 0.93, "trails_mode": "screen", "trails_zoom": 3.0, "trails_hue": 20.0},
    "edge glow + trails": {
        "edge_glow": 1.0,
        "trails": 0.9,
        "trails_zoom": 2.5,
        "trails_rotation": 0.8,
        "trails_hue": 4.0,
    },
    "color grade": {
        "grade_exposure": -0.4,
        "grade_contrast": 0.6,
        "grade_temperature": -0.7,
        "grade_saturation": -0.15,
        "grade_hue": -25.0,
    },
    "bloom": {"bloom": 1.0, "bloom_threshold": 0.55, "bloom_radius": 0.7},
    "chromatic aberration": {"aberration": 1.0},
    "vignette": {"vignette": 1.0},
    "pixelate": {"pixelate": 0.6, "pixelate_shape": "lamps"},
    "posterize": {"posterize": 1.0},
    "halftone": {"halftone": 1.0, "halftone_size": 2.5},
    "glitch": {"glitch": 0.75, "base_seed": 4},
    "film grain": {"grain": 0.9, "grain_size": 1.8, "grade_saturation": -1.0, "grade_contrast": 0.4},
}


def main() -> None:
    video = frames()
    sheet = Image.new("RGB", (COLUMNS * TILE[0], len(TILES) // COLUMNS * TILE[1]))
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
    # Only trails look back, and not much further than this.
    for number in range(FRAME - 25, FRAME + 1):
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
