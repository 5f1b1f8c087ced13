"""A moment, drawn into a picture: 24 cells across its top, white for 1, the highest bit first.

`probe.js` reads it back. It counts tenths of a millisecond and starts anew after 2 ** 24 of them, 28 minutes.
"""

import numpy as np

CELLS = 24
UNITS_A_MS = 10
# Of the picture's height.
SHARE = 12


def draw(pixels: np.ndarray, milliseconds: float) -> None:
    """Draw a moment into uint8 (H, W, 3) pixels, at least 24 wide and 12 high."""
    height, width = pixels.shape[:2]
    edges = np.arange(CELLS + 1) * width // CELLS
    bits = (int(milliseconds * UNITS_A_MS) >> np.arange(CELLS - 1, -1, -1)) & 1
    pixels[: height // SHARE] = np.repeat(bits * 255, np.diff(edges)).astype(np.uint8)[:, None]


def read(pixels: np.ndarray) -> int:
    """The stamp in uint8 (H, W, 3) pixels that nothing has changed: tenths of a millisecond."""
    height, width = pixels.shape[:2]
    centers = (2 * np.arange(CELLS) + 1) * width // (2 * CELLS)
    bits = pixels[height // SHARE // 2, centers, 0] > 127
    return int(bits @ (1 << np.arange(CELLS - 1, -1, -1)))


def age(stamp: int, milliseconds: float) -> float:
    """Milliseconds from the moment that was read until this one."""
    return (int(milliseconds * UNITS_A_MS) - stamp) % (1 << CELLS) / UNITS_A_MS
