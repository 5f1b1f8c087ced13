"""Text as textures: rasterised once, kept on the device."""

import logging
import math
import unicodedata
from collections import OrderedDict
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

logger = logging.getLogger(__name__)

_POINTS = 160
# Pixels of all textures that are kept: 64 MiB.
_KEPT = 2**24
_LONGEST = 400
# League Spartan Black (SIL Open Font License, beside it): heavy enough to carry across a room.
_FACE = Path(__file__).parents[1] / "fonts" / "LeagueSpartan-Black.otf"
# Space between letters in em, without which a heavy face clots.
_SPACING = 0.025


class Lettering:
    """Rasterises text with one font and keeps the last few textures.

    Args:
        font: path or file name of a TrueType or OpenType font (a bare name is looked for where the system keeps its
            fonts); empty for the built-in one, League Spartan Black, which is given ASCII only.
        device: where the textures live.
    """

    def __init__(self, font: str, device: torch.device) -> None:
        self._font, self._builtin = _load(font)
        self._device = device
        self._textures: OrderedDict[str, Tensor] = OrderedDict()

    def texture(self, text: str) -> Tensor:
        """Lines of text, centred, as coverage HW in [0, 1] on the device; as wide as the ink of the longest line, every
        line as high as the font's ascent and descent.
        """
        if text not in self._textures:
            ink = _rasterise(text.split("\n"), self._font)
            self._textures[text] = ink.to(self._device)
            self._forget()
        self._textures.move_to_end(text)
        return self._textures[text]

    def _forget(self) -> None:
        """Drop the textures that were not used for longest, but never the newest."""
        while len(self._textures) > 1 and sum(ink.numel() for ink in self._textures.values()) > _KEPT:
            self._textures.popitem(last=False)

    def drawable(self, text: str) -> str:
        """The printable part of a text on one line, cut at 400 characters; with the built-in font, accents taken off and
        characters that it does not know left out.
        """
        text = "".join(c for c in " ".join(text.split()) if c.isprintable())
        if self._builtin:
            text = "".join(c for c in unicodedata.normalize("NFKD", text) if c.isascii())
        return " ".join(text.split())[:_LONGEST]


def wrap(text: str, shape: float) -> str:
    """Break a text between words into lines of about equal length, so many that letters are largest in a frame whose
    width is `shape` times its height.
    """
    most = min(12, len(text.split()))
    broken = [_break(text, lines) for lines in range(1, most + 1)]
    # A letter is about half as wide as a line is high.
    return "\n".join(max(broken, key=lambda ls: min(1.0 / len(ls), shape / (0.5 * max(len(line) for line in ls)))))


def _break(text: str, lines: int) -> list[str]:
    goal, broken, line = len(text) / lines, [], ""
    for word in text.split():
        if line and len(broken) < lines - 1 and len(line) + len(word) / 2 > goal:
            broken.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*broken, line]


def _load(font: str) -> tuple[ImageFont.FreeTypeFont, bool]:
    if font:
        try:
            return ImageFont.truetype(font, _POINTS), False
        except (OSError, ValueError, TypeError) as error:  # the last two for names that are no file names
            message = "synth: parameter 'synth_font' expected a font file, got %r (%s); the built-in font is used"
            logger.warning(message, font, error)
    return ImageFont.truetype(_FACE, _POINTS), True


def _rasterise(lines: list[str], font: ImageFont.FreeTypeFont) -> Tensor:
    ascent, descent = font.getmetrics()
    edges = [_edges(line, font) for line in lines]
    width = max(1, *(math.ceil(right) - math.floor(left) for left, right in edges))
    image = Image.new("L", (width, (ascent + descent) * len(lines)))
    draw = ImageDraw.Draw(image)
    for number, (line, (left, right)) in enumerate(zip(lines, edges, strict=True)):
        start = (width - left - right) / 2
        for letter, place in zip(line, _places(line, font), strict=True):
            corner = (start + place, number * (ascent + descent) + ascent)
            draw.text(corner, letter, fill=255, font=font, anchor="ls")
    coverage = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
    return coverage.view(image.height, width).to(torch.float32) / 255.0


def _places(line: str, font: ImageFont.FreeTypeFont) -> list[float]:
    """Where each letter starts: kerned, and spaced."""
    return [font.getlength(line[: i + 1]) - font.getlength(c) + i * _SPACING * _POINTS for i, c in enumerate(line)]


def _edges(line: str, font: ImageFont.FreeTypeFont) -> tuple[float, float]:
    """Where the ink of a line begins and ends."""
    boxes = [
        (place + box[0], place + box[2])
        for place, letter in zip(_places(line, font), line, strict=True)
        if (box := font.getbbox(letter, anchor="ls"))[2] > box[0]
    ]
    return min((left for left, _ in boxes), default=0.0), max((right for _, right in boxes), default=1.0)
