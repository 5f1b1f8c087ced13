"""Glitch: a signal that tears, in bursts."""

import math
from typing import NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.hashing import hash_unit
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory


class GlitchFields(BaseModel):
    glitch: float = unit_slider("Glitch", "Tear the signal in bursts")
    glitch_rate: float = slider("Glitch rate", "Changes of the pattern a second", 8.0, 1.0, 30.0)
    glitch_blocks: float = unit_slider("Glitch blocks", "Share of displaced blocks", 0.6)
    glitch_lines: float = unit_slider("Glitch lines", "Share of torn scanlines", 0.7)
    glitch_split: float = unit_slider("Glitch split", "Distance of the colour channels", 0.7)


class Numbers(NamedTuple):
    """`chance` of a burst, and the strength of each kind of fault."""

    chance: float
    blocks: float
    lines: float
    split: float


class Dice(NamedTuple):
    """The random numbers of one pattern, uniform in [0, 1): what happens in it for any strength."""

    size: tuple[int, int]
    burst: Tensor
    is_moved: Tensor
    across: Tensor
    down: Tensor
    is_torn: Tensor
    tear: Tensor
    jitter: Tensor
    is_split: Tensor
    split: Tensor


class Glitch(Effect):
    """More faults, further apart, more of the time. Pixels only change places, nothing is blended."""

    fields = GlitchFields

    def variant(self, p: GlitchFields, context: Context) -> tuple[int, int]:
        # A time just short of a step by rounding belongs to the step.
        return context.seed, math.floor(context.seconds * p.glitch_rate + 1e-6)

    def maps(self, size: tuple[int, int], device: torch.device, variant: tuple[int, int]) -> Dice:
        return _throw(size, device, *variant)

    def numbers(self, p: GlitchFields, context: Context) -> Numbers:
        amount = p.glitch
        # Quiet moments make the bursts: at amount 1 there are none.
        return Numbers(0.3 + 0.7 * amount, amount * p.glitch_blocks, amount * p.glitch_lines, amount * p.glitch_split)

    def plan(self, n: Numbers, maps: Dice) -> list[Tensor]:
        """Where red, green and blue of each pixel come from, as flat positions (H, W)."""
        height, width = maps.size
        on = (maps.burst < n.chance).to(torch.float32)
        rows = torch.arange(height, device=on.device)[:, None]
        columns = torch.arange(width, device=on.device)
        across, down = _blocks(maps, rows, columns, on * n.blocks)
        shift = across + _tears(maps, rows, on * n.lines)
        spread = _split(maps, rows, on * n.split)
        source = (rows + down).remainder(height) * width
        # What leaves on one side comes back on the other.
        return [source + (columns + shift + side * spread).remainder(width) for side in (-1, 0, 1)]

    def apply(self, frame: Tensor, n: Numbers, plan: list[Tensor], memory: Memory) -> Tensor:
        planes = zip(frame.split(1, dim=-3), plan, strict=True)
        return torch.cat([plane.flatten()[place].view_as(plane) for plane, place in planes], dim=-3)


def _throw(size: tuple[int, int], device: torch.device, seed: int, step: int) -> Dice:
    height, width = size

    def table(salt: int, rows: int = 1, columns: int = 1) -> Tensor:
        y, x = torch.arange(rows, device=device)[:, None], torch.arange(columns, device=device)[None, :]
        return hash_unit(x, y + salt * 0x10000, step, seed)

    blocks = (-(-height // _side(height)), -(-width // (2 * _side(height))))
    bands = -(-height // _band(height))
    return Dice(
        size,
        burst=table(0),
        is_moved=table(1, *blocks),
        across=table(2, *blocks),
        down=table(3, *blocks),
        is_torn=table(4, bands),
        tear=table(5, bands),
        jitter=table(6, height),
        is_split=table(7, -(-height // _broad(height))),
        split=table(8),
    )


def _side(height: int) -> int:
    return max(4, height // 16)


def _band(height: int) -> int:
    return max(2, height // 30)


def _broad(height: int) -> int:
    return max(2, height // 8)


def _blocks(dice: Dice, rows: Tensor, columns: Tensor, amount: Tensor) -> tuple[Tensor, Tensor]:
    """Displacements (H, W) of areas two blocks wide and one high, like the slices of a broken codec, in whole blocks."""
    side = _side(dice.size[0])
    moved = (dice.is_moved < 0.3 * amount).to(torch.float32)
    dx = moved * (dice.across - 0.5) * 16.0
    dy = moved * (dice.down - 0.5) * 6.0
    place = (rows // side, columns // (2 * side))
    return _pixels(dx.round() * side)[place], _pixels(dy.round() * side)[place]


def _tears(dice: Dice, rows: Tensor, amount: Tensor) -> Tensor:
    """Displacements (H, 1): bands torn aside, and a jitter of single lines within them."""
    height, width = dice.size
    torn = (dice.is_torn < 0.5 * amount).to(torch.float32)
    # The square keeps most tears small and a few large.
    offset = dice.tear * 2.0 - 1.0
    shift = torn * offset * offset.abs() * 0.35 * width
    jitter = (dice.jitter - 0.5) * 0.03 * width * amount
    band = rows[:, 0] // _band(height)
    return _pixels(shift[band] + jitter * torn[band])


def _split(dice: Dice, rows: Tensor, amount: Tensor) -> Tensor:
    """Distance (H, 1) of red and blue from green: everywhere a little, in a few broad bands a lot."""
    height, width = dice.size
    wide = (dice.is_split < 0.3).to(torch.float32)[rows[:, 0] // _broad(height)]
    return _pixels((0.006 + 0.03 * wide * dice.split) * width * amount)


def _pixels(distance: Tensor) -> Tensor:
    return distance.round().to(torch.int64)
