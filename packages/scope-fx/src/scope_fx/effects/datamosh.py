"""Datamosh: the motion of the present drags the picture of the past, as in a film whose key frames are lost."""

import math
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.motion import missed, motion
from scope_fx.tempo import count
from scope_gpu.image.blur import gaussian_blur, shrink
from scope_gpu.image.color import luma
from scope_gpu.image.hashing import hash_unit
from scope_gpu.image.warp import pick
from scope_gpu.plugin.controls import choice, slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Motion is looked for in a picture of about so many lines, and a block is four of its pixels wide.
_LINES = 180
_BLOCK = 2
# Neighbouring blocks move alike: the sigma over which, in blocks.
_CALM = 1.2
# Seconds of a beat without a tempo.
_PERIOD = 0.5
_REFRESH = {"bar": 4.0, "2 bars": 8.0, "4 bars": 16.0, "never": math.inf}
# Slower than this, in pixels of the picture that motion is looked for in, is taken for rest.
_STILL = 0.12
# Blocks that motion explains worse than this, in luma, are new, unless more than a share of all blocks are: a cut.
_NEW, _CUT = 0.04, 0.4
# Blocks nearly black, where the film is brighter by so much, have drained, and are filled this often a second.
_DRAINED, _BRIGHTER, _FILLING = 0.15, 0.12, 8.0
# How often a second a block heals at an amount near 0.
_HEALING = 30.0


class DatamoshFields(BaseModel):
    group: ClassVar[str] = "Time"

    datamosh: float = unit_slider("Datamosh", "How long motion drags the old picture along before blocks heal")
    datamosh_push: float = slider("Datamosh push", "How far motion drags, in multiples of itself", 1.25, 0.5, 4.0)
    datamosh_refresh: Literal["bar", "2 bars", "4 bars", "never"] = choice(
        "Datamosh refresh", "When the whole picture is new: after four, eight or sixteen beats, or never", "bar"
    )


class Numbers(NamedTuple):
    """`fresh`: 1 where the picture is new, else 0. `place`, `healed`: a block heals when its own place in [0, 1) lies
    less than `healed` behind `place`; a drained one less than `filled` behind `filling`.
    """

    push: float
    fresh: float
    place: float
    healed: float
    filling: float
    filled: float


class Maps(NamedTuple):
    """`halvings` from the picture to the one that motion is looked for in; `dice`: each block's place, uniform."""

    halvings: int
    dice: Tensor


class Datamosh(Effect):
    """Each block of the last result moves on by the motion of the film, in whole pixels, so that nothing blurs; what is
    left over is kept for the next frame. Blocks heal one by one, and all at once on the bar.
    """

    fields = DatamoshFields
    pulses = False

    def variant(self, p: DatamoshFields, context: Context) -> int:
        return context.seed

    def maps(self, size: tuple[int, int], device: torch.device, variant: int) -> Maps:
        halvings = max(0, round(math.log2(size[0] / _LINES)))
        side = 1 << (halvings + _BLOCK)
        rows, columns = (torch.arange(-(-length // side), device=device) for length in size)
        return Maps(halvings, hash_unit(columns[None, :], rows[:, None], 0, variant))

    def numbers(self, p: DatamoshFields, context: Context) -> Numbers:
        beats = _REFRESH[p.datamosh_refresh]
        fresh = count(context, beats, beats * _PERIOD) != count(context, beats, beats * _PERIOD, ago=context.elapsed)
        rate = _HEALING * (1.0 - p.datamosh) ** 3
        turns = [(context.seconds * often % 1.0, min(1.0, often * context.elapsed)) for often in (rate, _FILLING)]
        return Numbers(p.datamosh_push, float(fresh), *turns[0], *turns[1])

    def apply(self, frame: Tensor, n: Numbers, plan: Maps, memory: Memory) -> Tensor:
        tone = luma(shrink(frame, plan.halvings))
        if "held" not in memory:
            memory["held"], memory["tone"] = frame.clone(), tone
            memory["rest"] = plan.dice.new_zeros(1, 2, *plan.dice.shape)
            return frame
        field = motion(tone, memory["tone"])
        new = appeared(missed(field, tone, memory["tone"]))
        exact = steady(field) * (n.push * (1 << plan.halvings)) + memory["rest"]
        whole = exact.round()
        memory["tone"], memory["rest"] = tone, exact - whole
        filled = drained(luma(shrink(memory["held"], plan.halvings + _BLOCK)), shrink(tone, _BLOCK))
        filled = filled & ((n.filling - plan.dice).remainder(1.0) < n.filled)
        healed = filled | ((n.place - plan.dice).remainder(1.0) < n.healed)
        healed = healed.to(frame.dtype).maximum(new).clamp_(min=n.fresh)
        places, outside = came_from(whole[0], plan, frame.shape[-2:])
        fresh = _spread(healed, plan, frame.shape[-2:]).maximum(outside)
        seen = torch.lerp(pick(memory["held"], places), frame, fresh)
        memory["held"].copy_(seen)
        return seen


def steady(field: Tensor) -> Tensor:
    """The motion of blocks in which what hardly moves is at rest, so that noise drags nothing."""
    blocks = gaussian_blur(shrink(field, _BLOCK), _CALM)
    speed = blocks.square().sum(1, keepdim=True).sqrt_()
    return blocks * ((speed - _STILL) / _STILL).clamp_(0.0, 1.0)


def appeared(error: Tensor) -> Tensor:
    """1 at blocks that an encoder would write anew, since nothing moved there that they could be made of, 11HW to
    (rows, columns). At a cut there are none: its key frame is what got lost.
    """
    new = (shrink(error, _BLOCK)[0, 0] > _NEW).to(error.dtype)
    return new * (new.mean() < _CUT)


def drained(held: Tensor, tone: Tensor) -> Tensor:
    """Where blocks 11HW of what is held are holes next to the film's, (rows, columns) bool."""
    return ((held < _DRAINED) & (tone > held + _BRIGHTER))[0, 0]


def came_from(blocks: Tensor, plan: Maps, size: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Flat positions (H, W) that pixels come from under the motion of their blocks, (2, rows, columns) in whole pixels,
    and 1 where that is outside of the picture.
    """
    height, width = size
    across, down = _spread(blocks.to(torch.int32), plan, size)
    columns = torch.arange(width, device=blocks.device, dtype=torch.int32)
    rows = torch.arange(height, device=blocks.device, dtype=torch.int32)[:, None]
    y, x = rows - down, columns - across
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    return y.clamp_(0, height - 1) * width + x.clamp_(0, width - 1), (~inside).to(torch.float32)


def _spread(blocks: Tensor, plan: Maps, size: tuple[int, ...]) -> Tensor:
    """A value a block, (..., rows, columns), to one a pixel, (..., H, W)."""
    side = 1 << (plan.halvings + _BLOCK)
    rows, columns = blocks.shape[-2:]
    wide = blocks[..., :, None, :, None].expand(*blocks.shape[:-2], rows, side, columns, side)
    return wide.reshape(*blocks.shape[:-2], rows * side, columns * side)[..., : size[0], : size[1]]
