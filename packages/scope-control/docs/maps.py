"""Renders `maps.jpg`, the picture in the README: `uv run packages/scope-control/docs/maps.py`."""

from itertools import islice
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont

from scope.media import open_source, sample_clip, sample_portrait
from scope_control.maps import MAPS
from scope_control.pipeline import ControlPipeline

COLUMNS, TILE = 5, (320, 180)
# Maps that look back do not look further than this.
EARLIER = 6
OF_A_FACE = ["canny", "soft_edge", "line_art", "scribble"]
OF_TWO_FORMATS = ["canny", "soft_edge", "line_art", "scribble", "flow"]
# The hue of the meadow, for the mask of one.
VALUES = {"control_mask_hue": 0.2, "control_mask_tolerance": 0.5}


def main() -> None:
    meadow, portrait = footage(sample_clip(), 60), footage(sample_portrait(), 30)
    tiles = [("untouched", meadow[-1][0] / 255.0), *((entry.name, drawn(meadow, entry.name)) for entry in MAPS)]
    tiles += [(f"{name}, vace", drawn(meadow, name, control_format="vace")) for name in OF_TWO_FORMATS]
    tiles += [("a face", portrait[-1][0] / 255.0), *((name, drawn(portrait, name)) for name in OF_A_FACE)]
    rows = -(-len(tiles) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * TILE[0], rows * TILE[1]))
    for place, (name, picture) in enumerate(tiles):
        sheet.paste(labelled(picture, name), (place % COLUMNS * TILE[0], place // COLUMNS * TILE[1]))
    sheet.save(Path(__file__).with_name("maps.jpg"), quality=72, optimize=True, progressive=True)


def footage(clip: Path, last: int) -> list[torch.Tensor]:
    """Frame `last` of a clip and those before it that a map may look back to, (1, H, W, 3) uint8."""
    with open_source(clip) as source:
        return [torch.as_tensor(frame.pixels)[None] for frame in islice(source, last - EARLIER, last + 1)]


def drawn(video: list[torch.Tensor], name: str, **controls: str) -> torch.Tensor:
    """The map of the last frame, (H, W, 3) in [0, 1]."""
    values = {"control_map": name, **VALUES, **controls}
    pipeline = ControlPipeline(device="cpu")
    for number, frame in enumerate(video):
        result = pipeline(video=[frame], frame_time=number / 25.0, init_cache=number == 0, **values)
    return result["video"][0]


def labelled(picture: torch.Tensor, name: str) -> Image.Image:
    array = (picture * 255.0).round().to(torch.uint8).numpy()
    tile = Image.fromarray(array).resize(TILE, Image.Resampling.LANCZOS)
    font = ImageFont.load_default(14)
    ImageDraw.Draw(tile).text((8, TILE[1] - 22), name, fill="white", stroke_fill="black", stroke_width=2, font=font)
    return tile


if __name__ == "__main__":
    main()
