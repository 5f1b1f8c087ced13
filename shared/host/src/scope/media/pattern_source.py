"""A moving picture that needs no file: colour bars, a grey ramp, a ball, a sweep and a frame counter."""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from scope.media.fit import Size
from scope.media.source import Picture, Pictures, Source

DEFAULT_SIZE = (640, 360)

# Grey, yellow, cyan, green, magenta, red, blue: falling luma, each edge a change of hue.
_BARS = ((191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191))
_BAR_SHARE, _RAMP_SHARE = 0.70, 0.12
_FOOTER = (16, 18, 24)
_BALL = (255, 255, 255)
_SWEEP_SECONDS = 2.0
_LEGIBLE = 5  # pixels: smaller type is left out


def open_test_pattern(size: Size | None, rate: Fraction) -> Source:
    """The pattern without end; the same size, rate and index give the same picture everywhere."""
    width, height = size or DEFAULT_SIZE
    return Source(rate, width, height, None, partial(_pictures, (width, height), rate))


def _pictures(size: Size, rate: Fraction, _notes: list[str]) -> Pictures:
    backdrop = _backdrop(size)
    index = 0
    while True:
        time = float(index / rate)
        yield Picture(torch.from_numpy(_draw(backdrop, index, time)), time)
        index += 1


def _backdrop(size: Size) -> np.ndarray:
    """What stands still, as uint8 (H, W, 3)."""
    width, height = size
    bars = np.array(_BARS, np.uint8)[np.arange(width) * len(_BARS) // width]
    ramp = np.linspace(0, 255, width).round().astype(np.uint8)[:, None].repeat(3, axis=1)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = _FOOTER
    picture[: _ramp_bottom(height)] = ramp
    picture[: _bar_bottom(height)] = bars
    return picture


def _draw(backdrop: np.ndarray, index: int, time: float) -> np.ndarray:
    picture = backdrop.copy()
    _draw_sweep(picture, time)
    _draw_ball(picture, time)
    _draw_counter(picture, index, time)
    return picture


def _draw_sweep(picture: np.ndarray, time: float) -> None:
    """A line that crosses the ramp and shows dropped and doubled frames."""
    height, width, _ = picture.shape
    thickness = max(1, width // 160)
    left = int(time / _SWEEP_SECONDS % 1.0 * width)
    picture[_bar_bottom(height) : _ramp_bottom(height), left : left + thickness] = (255, 64, 32)


def _draw_ball(picture: np.ndarray, time: float) -> None:
    """A smooth-edged ball that bounces off the edges of the bars."""
    height, width = _bar_bottom(picture.shape[0]), picture.shape[1]
    radius = min(width, height) * 0.16
    x = radius + _bounce(time / 3.1) * (width - 2 * radius)
    y = radius + _bounce(time / 1.7) * (height - 2 * radius)
    top, left = max(0, math.floor(y - radius - 1)), max(0, math.floor(x - radius - 1))
    window = picture[top : min(height, math.ceil(y + radius + 1)), left : math.ceil(x + radius + 1)]
    rows, columns = np.ogrid[: window.shape[0], : window.shape[1]]
    distance = np.hypot(rows + top + 0.5 - y, columns + left + 0.5 - x)
    cover = np.clip(radius + 0.5 - distance, 0, 1)[..., None]
    shade = np.array(_BALL) * (1 - 0.45 * np.clip(distance / radius, 0, 1)[..., None] ** 2)
    window[:] = (window * (1 - cover) + shade * cover).round().astype(np.uint8)


def _draw_counter(picture: np.ndarray, index: int, time: float) -> None:
    """The frame number on the left of the footer, the seconds on its right."""
    footer = picture[_ramp_bottom(picture.shape[0]) :]
    height, width, _ = footer.shape
    size = min(height * 0.6, width / 20)
    if size < _LEGIBLE:
        return
    image = Image.fromarray(footer)
    draw, margin, font = ImageDraw.Draw(image), width // 40, ImageFont.load_default(size)
    draw.text((margin, height / 2), f"frame {index:06d}", (235, 238, 245), font, anchor="lm")
    draw.text((width - margin, height / 2), f"{time:.3f} s", (150, 200, 255), font, anchor="rm")
    footer[:] = np.asarray(image)


def _bounce(turns: float) -> float:
    """0 to 1 and back in one turn, at constant speed."""
    return 1 - abs(2 * (turns % 1.0) - 1)


def _bar_bottom(height: int) -> int:
    return max(1, round(height * _BAR_SHARE))


def _ramp_bottom(height: int) -> int:
    return max(1, round(height * (_BAR_SHARE + _RAMP_SHARE)))
