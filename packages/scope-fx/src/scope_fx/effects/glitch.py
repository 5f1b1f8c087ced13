"""Glitch: a signal that breaks, in bursts, as digital video breaks."""

import math
from typing import ClassVar, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.bands import in_bands
from scope_gpu.image.hashing import hash_unit
from scope_gpu.plugin.controls import slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# The side of a codec's block in a picture 720 lines high, and how many blocks in a row break together.
_BLOCK, _RUN, _HEIGHT = 16, 4, 720


class GlitchFields(BaseModel):
    group: ClassVar[str] = "Signal"

    glitch: float = unit_slider("Glitch", "Tear the signal in bursts")
    glitch_rate: float = slider(
        "Glitch rate",
        "Changes of the pattern a second; while a tempo runs, on the nearest division of the beat",
        8.0,
        1.0,
        30.0,
    )
    glitch_blocks: float = unit_slider("Glitch blocks", "Share of displaced blocks", 0.6)
    glitch_lines: float = unit_slider("Glitch lines", "Share of torn scanlines", 0.7)
    glitch_split: float = unit_slider("Glitch split", "Distance of the color channels", 0.7)


class Numbers(NamedTuple):
    """`chance` of a burst, the strength of each kind of fault, and `fresh`: 1 in the first frame of a pattern, else 0."""

    chance: float
    blocks: float
    lines: float
    split: float
    fresh: float


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
    """Runs of blocks show the picture as it was when the pattern began, displaced by their motion, like the frames of a
    codec whose reference is lost; bands of lines are torn aside, and red and blue part.

    More faults, further apart, more of the time. Pixels only change places, nothing is blended, and nothing comes in
    again on the other side.
    """

    fields = GlitchFields
    apply_only = frozenset({"fresh"})

    def variant(self, p: GlitchFields, context: Context) -> tuple[int, int]:
        return context.seed, step_at(context, p.glitch_rate)

    def maps(self, size: tuple[int, int], device: torch.device, variant: tuple[int, int]) -> Dice:
        return _throw(size, device, *variant)

    def numbers(self, p: GlitchFields, context: Context) -> Numbers:
        amount = p.glitch
        fresh = step_at(context, p.glitch_rate) != step_at(context, p.glitch_rate, context.elapsed)
        # Quiet moments make the bursts: at amount 1 there are none.
        chance = 0.3 + 0.7 * amount
        return Numbers(chance, amount * p.glitch_blocks, amount * p.glitch_lines, amount * p.glitch_split, float(fresh))

    def plan(self, n: Numbers, maps: Dice) -> Tensor:
        """Where red, green and blue of each pixel come from: flat positions in frame and held picture, (3, H, W) int32."""
        height, width = maps.size
        on = (maps.burst < n.chance).to(torch.float32)
        blocks = _blocks(maps, on * n.blocks)
        lines = torch.arange(height, device=on.device, dtype=torch.int32)[:, None]
        beside = (lines, _tears(maps, on * n.lines), _split(maps, on * n.split))
        columns = torch.arange(width, device=on.device, dtype=torch.int32)

        def places(band: Tensor, beside: tuple[Tensor, Tensor, Tensor]) -> Tensor:
            lines, tear, spread = beside
            moved, across, down = blocks.index_select(1, lines.flatten() // _side(height))
            # The held picture lies behind the three planes of the frame.
            start = down.add_(lines).clamp_(0, height - 1).mul_(width).add_(moved, alpha=3 * height * width)
            place = across.add_(columns + tear)
            sides = [_mirrored(place + side * spread, width).add_(start) for side in (-1, 0, 1)]
            return torch.stack([at.add_(channel * height * width) for channel, at in enumerate(sides)])

        return in_bands(places, torch.empty((3, height, width), dtype=torch.int32, device=on.device), beside)

    def apply(self, frame: Tensor, n: Numbers, plan: Tensor, memory: Memory) -> Tensor:
        if "both" not in memory:
            memory["both"] = torch.cat((frame, frame))
        now, held = memory["both"].split(1)
        now.copy_(frame)
        _renew(held, frame, n.fresh)
        pixels = memory["both"].view(-1)
        for channel, place in enumerate(plan):
            torch.index_select(pixels, 0, place.view(-1), out=frame[0, channel].view(-1))
        return frame


def _renew(held: Tensor, frame: Tensor, fresh: float | Tensor) -> None:
    """The held picture becomes the frame if `fresh` is 1, and stays if it is 0: for a number at no cost."""
    if isinstance(fresh, Tensor):
        held.lerp_(frame, fresh)
    elif fresh:
        held.copy_(frame)


def step_at(context: Context, rate: float, ago: float = 0.0) -> int:
    """The number of the pattern, `ago` seconds before the frame: so many a second, or in step with the beat."""
    if context.beat is None:
        # A time just short of a step by rounding belongs to the step.
        return math.floor((context.seconds - ago) * rate + 1e-6)
    divisions = 2.0 ** round(math.log2(rate / context.beat.per_second))
    return math.floor(context.beat.later(-ago).position * divisions + 1e-6)


def _throw(size: tuple[int, int], device: torch.device, seed: int, step: int) -> Dice:
    height, width = size

    def table(salt: int, rows: int = 1, columns: int = 1) -> Tensor:
        y, x = torch.arange(rows, device=device)[:, None], torch.arange(columns, device=device)[None, :]
        return hash_unit(x, y + salt * 0x10000, step, seed)

    side, bands = _side(height), -(-height // _band(height))
    blocks = (-(-height // side), -(-width // (_RUN * side)))
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
    return max(4, 4 * round(height * _BLOCK / _HEIGHT / 4.0))


def _band(height: int) -> int:
    return max(2, height // 30)


def _broad(height: int) -> int:
    return max(2, height // 8)


def _blocks(dice: Dice, amount: Tensor) -> Tensor:
    """For each row of blocks, which pixels of a line belong to a broken run, and its motion across and down in quarters of a
    block: (3, rows of blocks, W) int32.
    """
    side, width = _side(dice.size[0]), dice.size[1]
    moved = (dice.is_moved < 0.3 * amount).to(torch.int32)
    unit = side // 4
    motions = [_pixels((table - 0.5) * reach) * unit for table, reach in ((dice.across, 48.0), (dice.down, 16.0))]
    tables = torch.stack((moved, *(moved * motion for motion in motions)))
    return tables.repeat_interleave(_RUN * side, dim=2)[..., :width].contiguous()


def _tears(dice: Dice, amount: Tensor) -> Tensor:
    """Displacements (H, 1): bands torn aside, and a jitter of single lines within them."""
    height, width = dice.size
    torn = (dice.is_torn < 0.5 * amount).to(torch.float32)
    # The square keeps most tears small and a few large.
    offset = dice.tear * 2.0 - 1.0
    shift = torn * offset * offset.abs() * 0.35 * width
    jitter = (dice.jitter - 0.5) * 0.03 * width * amount
    return _pixels(_stretched(shift, _band(height), height) + jitter * _stretched(torn, _band(height), height))


def _split(dice: Dice, amount: Tensor) -> Tensor:
    """Distance (H, 1) of red and blue from green: everywhere a little, in a few broad bands a lot."""
    height, width = dice.size
    wide = _stretched((dice.is_split < 0.3).to(torch.float32), _broad(height), height)
    return _pixels((0.006 + 0.03 * wide * dice.split) * width * amount)


def _stretched(bands: Tensor, rows: int, height: int) -> Tensor:
    """One value a band, (N, 1), to one a line, (H, 1)."""
    return bands.repeat_interleave(rows, dim=0)[:height]


def _mirrored(places: Tensor, width: int) -> Tensor:
    """Positions that left the picture, reflected at its edge."""
    inside = torch.maximum(places, -1 - places)
    return torch.minimum(inside, 2 * width - 1 - inside).clamp_(0, width - 1)


def _pixels(distance: Tensor) -> Tensor:
    return distance.round().to(torch.int32)
