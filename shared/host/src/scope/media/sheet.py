"""Many pictures with their names on one."""

from itertools import batched

import torch
from PIL import Image, ImageDraw, ImageFont

from scope.media.sink import as_uint8, check_frames

_BACKGROUND = (17, 19, 24)
_PANEL = (28, 31, 38)
_TEXT = (226, 230, 238)
_SMOOTHING = 4


def contact_sheet(tiles: list[tuple[str, torch.Tensor]], columns: int, tile_width: int) -> Image.Image:
    """A dark sheet of labelled pictures, row by row, with even margins.

    Each tile is (label, pixels): uint8 or float in [0, 1], (H, W, 3). Cells have the first picture's shape; a picture
    of another shape is shown whole, centred in its cell. A label too long for its cell ends in an ellipsis.

    Raises:
        ValueError: no tiles, pixels of another shape or type, or columns or a width that is not positive.
    """
    if not tiles or columns < 1 or tile_width < 1:
        raise ValueError(f"expected tiles, columns and a width, got {len(tiles)}, {columns} and {tile_width}")
    height, width, _ = tiles[0][1].shape
    cell = (tile_width, max(1, round(tile_width * height / width)))
    margin, text = max(4, tile_width // 20), max(10, tile_width // 18)
    label = round(text * 2.6)
    columns = min(columns, len(tiles))
    rows = list(batched(tiles, columns))
    size = (margin + columns * (cell[0] + margin), margin + len(rows) * (cell[1] + label) + margin // 3)
    sheet = Image.new("RGB", size, _BACKGROUND)
    for row, line in enumerate(rows):
        for column, (name, pixels) in enumerate(line):
            corner = (margin + column * (cell[0] + margin), margin + row * (cell[1] + label))
            _draw_tile(sheet, corner, cell, pixels)
            _draw_label(sheet, name, (corner[0], corner[1] + cell[1] + text * 1.1), cell[0], text)
    return sheet


def _draw_tile(sheet: Image.Image, corner: tuple[int, int], cell: tuple[int, int], pixels: torch.Tensor) -> None:
    check_frames(pixels[None])
    picture = Image.fromarray(as_uint8(pixels).contiguous().numpy())
    scale = min(cell[0] / picture.width, cell[1] / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    panel = Image.new("RGB", cell, _PANEL)
    place = ((cell[0] - size[0]) // 2, (cell[1] - size[1]) // 2)
    panel.paste(picture.resize(size, Image.Resampling.LANCZOS), place)
    sheet.paste(panel, corner, _rounded(cell))


def _rounded(cell: tuple[int, int]) -> Image.Image:
    """A mask with smooth round corners."""
    large = (cell[0] * _SMOOTHING, cell[1] * _SMOOTHING)
    mask = Image.new("L", large, 0)
    radius = max(1, cell[0] // 50) * _SMOOTHING
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, large[0] - 1, large[1] - 1), radius, fill=255)
    return mask.resize(cell, Image.Resampling.BOX)


def _draw_label(sheet: Image.Image, name: str, place: tuple[float, float], width: int, size: int) -> None:
    font = ImageFont.load_default(size)
    ImageDraw.Draw(sheet).text(place, _shortened(name, font, width), _TEXT, font, anchor="lm")


def _shortened(name: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    if font.getlength(name) <= width:
        return name
    while name and font.getlength(name + "…") > width:
        name = name[:-1]
    return name.rstrip() + "…"
