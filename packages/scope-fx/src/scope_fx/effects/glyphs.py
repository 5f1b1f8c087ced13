"""Sets of characters as small pictures, all of one size."""

import functools

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

_LETTERS = {
    "text": " .,:;'\"`^~-_=+*!|/\\()<>[]{}?iltfjrcvxzsunoeaIJLCTYFUVXZPSGAEKNDHOQRBMW1234567890$&%#@",
    "binary": " 01",
}
# Characters are drawn so many times larger, then shrunk: soft edges at any size.
_FINER = 4


@functools.lru_cache(maxsize=8)
def glyphs(kind: str, height: int, width: int) -> Tensor:
    """A set of characters, (G, height, width) of coverage in [0, 1], the first one empty."""
    if kind in _LETTERS:
        return torch.stack([_letter(letter, height, width) for letter in _LETTERS[kind]])
    return _blocks(height, width) if kind == "blocks" else _strokes(height, width)


def _letter(letter: str, height: int, width: int) -> Tensor:
    tall, wide = height * _FINER, width * _FINER
    font = ImageFont.load_default(tall * 0.92)
    picture = Image.new("L", (wide, tall))
    length = font.getlength(letter)
    draw = ImageDraw.Draw(picture)
    # Of a thin proportional face: each character in the middle of its cell, on one line, and made bold.
    place, bold = ((wide - length) / 2, tall * 0.82), max(1, round(tall * 0.022))
    draw.text(place, letter, fill=255, font=font, anchor="ls", stroke_width=bold)
    rows = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8).view(height, _FINER, width, _FINER)
    return rows.to(torch.float32).mean((1, 3)) / 255.0


def _blocks(height: int, width: int) -> Tensor:
    """The sixteen ways to fill the quarters of a cell."""
    y, x = torch.arange(height)[:, None] * 2 >= height, torch.arange(width)[None] * 2 >= width
    quarters = [(y == below) & (x == right) for below in (False, True) for right in (False, True)]
    shapes = [sum(q.float() for i, q in enumerate(quarters) if which >> i & 1) for which in range(1, 16)]
    return torch.stack([torch.zeros(height, width), *(torch.as_tensor(shape) for shape in shapes)])


def _strokes(height: int, width: int) -> Tensor:
    """Lines in eight directions and two weights, through the middle of a cell and beside it."""
    y = (torch.arange(height, dtype=torch.float32)[:, None] + 0.5) / height - 0.5
    x = ((torch.arange(width, dtype=torch.float32)[None] + 0.5) / width - 0.5) * (width / height)
    drawn = [torch.zeros(height, width)]
    # Diagonals first: of strokes that fit equally well the first is taken.
    for direction in (6, 2, 5, 7, 1, 3, 0, 4):
        angle = torch.tensor(direction * torch.pi / 8.0)
        for offset in (-0.22, 0.0, 0.22):
            for weight in (0.04, 0.07, 0.11):
                away = (x * angle.sin() - y * angle.cos() - offset * (width / height)).abs()
                drawn.append(((weight - away) * height + 0.5).clamp_(0.0, 1.0))
    return torch.stack(drawn)


@functools.cache
def bins(pixels: int, count: int) -> Tensor:
    """The matrix (count, pixels) that takes the means of `count` even parts of `pixels`, which they may share."""
    edges = torch.linspace(0.0, pixels, count + 1)
    place = torch.arange(pixels, dtype=torch.float32)
    start, stop = edges[:-1, None], edges[1:, None]
    shared = (torch.minimum(stop, place + 1.0) - torch.maximum(start, place)).clamp_(min=0.0)
    return shared * (count / pixels)
