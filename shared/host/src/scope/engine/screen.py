"""Puts the pictures of a show where the server finds them."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from scope.engine.events import Event, Outgrown, Wrote
from scope.engine.ring import Fill, RingError, Stamp


class Surface(Protocol):
    """Keeps the newest pictures of one tap: a `Ring` between processes, a `Latest` inside one."""

    capacity: int

    @property
    def last_number(self) -> int:
        """The number of the newest picture; 0 before the first."""
        ...

    def write(self, width: int, height: int, stamp: Stamp, fill: Fill) -> None:
        """Let `fill` write a picture into an array uint8 (height, width, 3)."""
        ...


class Screen:
    """Numbers the pictures of every tap and writes them as uint8; a tap without a surface shows nothing."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._surfaces: Mapping[str, Surface] = {}
        self._asked: dict[str, int] = {}

    def connect(self, surfaces: Mapping[str, Surface]) -> None:
        """From now on write here."""
        self._surfaces = surfaces
        self._asked.clear()

    def put(self, tap: str, pixels: Tensor, captured: float) -> int | None:
        """See `scope.runtime.outlet.Screen`. A picture larger than its surface is dropped and a larger
        one asked for; so is one whose surface has just been closed."""
        surface = self._surfaces.get(tap)
        if surface is None:
            return None
        height, width = pixels.shape[1:3]
        if height * width * 3 > surface.capacity:
            self._ask(tap, height * width * 3)
            return None
        try:
            return self._write(tap, surface, pixels, captured)
        except RingError:  # taken away by `connect` on another thread meanwhile; the next picture finds the new one
            return None

    def _write(self, tap: str, surface: Surface, pixels: Tensor, captured: float) -> int:
        height, width = pixels.shape[1:3]
        number = (surface.last_number + 1) % 2**32 or 1
        age_us = max(0, int((time.monotonic() - captured) * 1e6))
        surface.write(width, height, Stamp(number, int(captured * 1e9), age_us), partial(_fill, pixels[0]))
        self._emit(Wrote(tap))
        return number

    def _ask(self, tap: str, nbytes: int) -> None:
        if self._asked.get(tap, 0) < nbytes:
            self._asked[tap] = nbytes
            self._emit(Outgrown(tap, nbytes))


def _fill(pixels: Tensor, array: np.ndarray) -> None:
    """Pixels in [0, 255] into an array uint8, rounded half up as the conversion itself cuts off."""
    rounded = pixels if pixels.dtype == torch.uint8 else pixels + 0.5
    torch.from_numpy(array).copy_(rounded)
