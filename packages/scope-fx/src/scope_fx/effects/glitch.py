"""Glitch: a signal that tears, in bursts."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from scope_gpu.image.hashing import hash_unit

# Frames of one call have one time; they are taken to follow each other at this distance in seconds.
FRAME_INTERVAL = 1.0 / 30.0


@dataclass(frozen=True)
class Faults:
    """Shares of the kinds of fault, each 0 to 1: displaced `blocks`, shifted `lines`, `split` colour channels."""

    blocks: float
    lines: float
    split: float


def glitch(frames: Tensor, amount: float, rate: float, faults: Faults, seed: int, seconds: float) -> Tensor:
    """Break TCHW in [0, 1]; pixels only change places, nothing is blended.

    Args:
        amount: 0 leaves the picture as it is; more faults, further apart, more of the time, up to 1.
        rate: how often a second the pattern changes.
        faults: shares of the kinds.
        seed: another seed, other faults.
        seconds: time of the first frame.
    """
    if amount == 0.0:
        return frames
    # A time just short of a step by rounding belongs to the step.
    steps = [math.floor((seconds + i * FRAME_INTERVAL) * rate + 1e-6) for i in range(frames.shape[0])]
    return torch.cat([_break(f, amount, faults, seed, step) for f, step in zip(frames.split(1), steps, strict=True)])


def _break(frame: Tensor, amount: float, faults: Faults, seed: int, step: int) -> Tensor:
    height, width = frame.shape[-2:]
    noise = _Noise(frame.device, seed, step)
    # Quiet moments make the bursts: at amount 1 there are none.
    strength = noise.switch(0.3 + 0.7 * amount) * amount
    rows, columns = torch.arange(height, device=frame.device)[:, None], torch.arange(width, device=frame.device)
    across, down = _blocks(noise, rows, columns, height, width, strength * faults.blocks)
    shift = across + _tears(noise, rows, height, width, strength * faults.lines)
    spread = _split(noise, rows, height, width, strength * faults.split)
    source_rows = (rows + down).remainder(height)
    planes = [
        _take(plane, source_rows, columns + shift + side * spread)
        for plane, side in zip(frame.split(1, dim=-3), (-1, 0, 1), strict=True)
    ]
    return torch.cat(planes, dim=-3)


class _Noise:
    """Hashes of one moment: tables of uniform numbers in [0, 1), each use with a `salt` of its own."""

    def __init__(self, device: torch.device, seed: int, step: int) -> None:
        self._device, self._seed, self._step = device, seed, step

    def table(self, salt: int, rows: int, columns: int = 1) -> Tensor:
        """(rows, columns) numbers."""
        y = torch.arange(rows, device=self._device)[:, None]
        x = torch.arange(columns, device=self._device)[None, :]
        return hash_unit(x, y + salt * 0x10000, self._step, self._seed)

    def switch(self, chance: float) -> Tensor:
        """1 with that chance, else 0, as (1, 1)."""
        return (self.table(0, 1) < chance).to(torch.float32)


def _blocks(
    noise: _Noise, rows: Tensor, columns: Tensor, height: int, width: int, amount: Tensor
) -> tuple[Tensor, Tensor]:
    """Displacements (H, W) of rectangular areas, in whole blocks of a sixteenth of the height."""
    side = max(4, height // 16)
    # Areas two blocks wide and one high look like the slices of a broken codec.
    down, across = -(-height // side), -(-width // (2 * side))
    moved = (noise.table(1, down, across) < 0.3 * amount).to(torch.float32)
    dx = moved * (noise.table(2, down, across) - 0.5) * 16.0
    dy = moved * (noise.table(3, down, across) - 0.5) * 6.0
    place = (rows // side, columns // (2 * side))
    return _pixels(dx.round() * side)[place], _pixels(dy.round() * side)[place]


def _tears(noise: _Noise, rows: Tensor, height: int, width: int, amount: Tensor) -> Tensor:
    """Displacements (H, 1): bands torn aside, and a jitter of single lines within them."""
    band = max(2, height // 30)
    bands = -(-height // band)
    torn = (noise.table(4, bands) < 0.5 * amount).to(torch.float32)
    # The square keeps most tears small and a few large.
    offset = noise.table(5, bands) * 2.0 - 1.0
    shift = torn * offset * offset.abs() * 0.35 * width
    jitter = (noise.table(6, height) - 0.5) * 0.03 * width * amount
    return _pixels(shift[rows[:, 0] // band] + jitter * torn[rows[:, 0] // band])


def _split(noise: _Noise, rows: Tensor, height: int, width: int, amount: Tensor) -> Tensor:
    """Distance (H, 1) of red and blue from green: everywhere a little, in a few broad bands a lot."""
    band = max(2, height // 8)
    wide = (noise.table(7, -(-height // band)) < 0.3).to(torch.float32)[rows[:, 0] // band]
    return _pixels((0.006 + 0.03 * wide * noise.table(8, 1)) * width * amount)


def _pixels(distance: Tensor) -> Tensor:
    return distance.round().to(torch.int64)


def _take(plane: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Read (1, 1, H, W) at whole pixels; what leaves on one side comes back on the other."""
    height, width = plane.shape[-2:]
    index = rows * width + columns.remainder(width)
    return plane.flatten()[index.expand(height, width)].view_as(plane)
