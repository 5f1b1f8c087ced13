"""Still pictures as sources: one picture, or a sequence of them."""

import re
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError

from scope.media.color import over_black
from scope.media.errors import MediaError
from scope.media.fit import Size, cover
from scope.media.source import Picture, Pictures, Source

PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


def open_sequence(paths: list[Path], size: Size | None, rate: Fraction) -> Source:
    """The pictures in the order given, each covering `size` or the first one's size.

    Raises:
        MediaError: the first picture cannot be read; while iterating, a later one cannot.
    """
    first = read_picture(paths[0])
    height, width, _ = first.shape
    size = size or (width, height)
    return Source(rate, *size, len(paths), partial(_sequence, paths, size, rate))


def open_still(path: Path, size: Size | None, rate: Fraction, limit: int | None) -> Source:
    """One picture, `limit` times (once without a limit).

    Raises:
        MediaError: the picture cannot be read.
    """
    pixels = read_picture(path)
    height, width, _ = pixels.shape
    size = size or (width, height)
    count = limit or 1
    return Source(rate, *size, count, partial(_repeated, cover(pixels, size), rate, count))


def pictures_in(folder: Path) -> list[Path]:
    """The pictures in a folder, numbers in their names compared as numbers.

    Raises:
        MediaError: there are none.
    """
    found = [path for path in folder.iterdir() if path.suffix.lower() in PICTURE_ENDINGS and path.is_file()]
    if not found:
        raise MediaError(f"the folder {folder} holds no pictures ({', '.join(PICTURE_ENDINGS)})")
    return sorted(found, key=lambda path: _natural(path.name))


def read_picture(path: Path) -> torch.Tensor:
    """The picture as uint8 RGB (H, W, 3): upright by its EXIF tag, over black where transparent.

    Raises:
        MediaError: it is no picture, is cut short, or is too large to be one.
    """
    try:
        with Image.open(path) as image:
            return torch.from_numpy(_rgb(ImageOps.exif_transpose(image)))
    # Pillow raises SyntaxError and ValueError for damaged files of some formats.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        reason = "it is no picture" if isinstance(error, UnidentifiedImageError) else error
        raise MediaError(f"cannot read the picture {path}: {reason}") from error


def _rgb(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I;16"):
        # Pillow's own conversion clips 16-bit grey instead of scaling it.
        grey = (np.asarray(image).astype(np.uint32) + 128) // 257
        return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)
    if image.has_transparency_data:
        return over_black(np.asarray(image.convert("RGBA")))
    return np.array(image.convert("RGB"))


def _sequence(paths: list[Path], size: Size, rate: Fraction, _notes: list[str]) -> Pictures:
    for index, path in enumerate(paths):
        yield Picture(cover(read_picture(path), size), float(index / rate))


def _repeated(pixels: torch.Tensor, rate: Fraction, count: int, _notes: list[str]) -> Pictures:
    for index in range(count):
        yield Picture(pixels, float(index / rate))


def _natural(name: str) -> list[tuple[int, str]]:
    """A sorting key by which `frame_2` comes before `frame_10`."""
    parts = re.split(r"(\d+)", name.lower())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
