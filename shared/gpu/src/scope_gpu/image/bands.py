"""Work in bands of rows that stay in a CPU's cache."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor

ROWS = 144
"""Rows of a band: at 1280 pixels a row three float32 planes take 2.2 MB. Fewer rows cost more calls than they save. Enlarged
planes come in whole small rows, so that it is a multiple of 16.
"""


class Rows(ABC):
    """Planes of which rows are made when they are asked for, so that the whole never lies in memory."""

    @abstractmethod
    def rows(self, band: slice) -> Tensor:
        """Those of a band, (..., rows of the band, W)."""


@dataclass(frozen=True)
class Whole(Rows):
    """Planes of which every band needs all, to read them elsewhere."""

    planes: Tensor

    def rows(self, band: slice) -> Tensor:
        return self.planes


def in_bands(step: Callable[[Tensor, Any], Tensor], picture: Tensor, beside: Any = None, rows: int = ROWS) -> Tensor:
    """Run a pointwise step over (..., H, W) band by band, in place; equal to `step(picture, beside)` to the bit.

    A long run of simple operations over a whole picture waits for memory. Over a band it does not, and its temporaries
    are so small that they are never fetched anew from the system. The result takes the place of the picture, for fresh
    memory of its size costs more than a step. A GPU gets the whole picture at once and returns what `step` made.

    Args:
        step: gives for a band a tensor of its shape and dtype. Each pixel may depend on the same pixel only.
        picture: (..., H, W), written over.
        beside: what `step` needs as well: a tensor, `Rows`, or tuples of them and anything else. Tensors with H rows are
            cut into bands too.
    """
    height = picture.shape[-2]
    if picture.device.type != "cpu":
        return step(picture, cut(beside, slice(0, height), height))
    for band in bands(height, rows):
        part = picture[..., band, :]
        part.copy_(step(part, cut(beside, band, height)))
    return picture


def bands(height: int, rows: int = ROWS) -> Iterator[slice]:
    """The rows of a picture, `rows` at a time."""
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def cut(beside: Any, band: slice, height: int) -> Any:
    """What lies beside a band of a picture `height` rows high, out of what lies beside the whole."""
    if isinstance(beside, Tensor):
        return beside[..., band, :] if beside.ndim >= 2 and beside.shape[-2] == height else beside
    if isinstance(beside, tuple):
        parts = [cut(entry, band, height) for entry in beside]
        # A named tuple takes its entries one by one.
        return type(beside)(*parts) if hasattr(beside, "_fields") else tuple(parts)
    return beside.rows(band) if isinstance(beside, Rows) else beside
