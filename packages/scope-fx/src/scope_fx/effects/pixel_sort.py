"""Pixel sort: stretches of bright pixels put in order of their brightness."""

import math
from typing import ClassVar, Literal, NamedTuple

import numpy as np
import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.exposure import exposure
from scope_gpu.image.color import luma
from scope_gpu.image.hashing import hash_unit
from scope_gpu.image.warp import pick
from scope_gpu.plugin.controls import choice, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# Steps of brightness that are told apart.
_TONES = 256
# The longest stretch at amount 1, as a share of the height.
_LONGEST = 0.9


class PixelSortFields(BaseModel):
    group: ClassVar[str] = "Signal"

    pixel_sort: float = unit_slider("Pixel sort", "Length of the stretches in which pixels are sorted")
    pixel_sort_threshold: float = unit_slider("Pixel sort threshold", "Brightness from which pixels are sorted", 0.35)
    pixel_sort_direction: Literal["down", "up", "right", "left"] = choice(
        "Pixel sort direction", "Where the brightest pixels of a stretch go", "down"
    )


class Numbers(NamedTuple):
    """`length`: of the longest stretch, in pixels."""

    length: float
    threshold: float


class Maps(NamedTuple):
    """`dice` (lines, 1): where stretches are cut at the latest differs from line to line."""

    dice: Tensor
    upright: bool
    backwards: bool


class PixelSort(Effect):
    """Lines are cut wherever a pixel is darker than the threshold; what lies between is sorted, and nothing is blended.

    A pixel's stretch, brightness and place are packed into one whole number, so that one sort of a line does it all.
    """

    fields = PixelSortFields
    keeps_state = False

    def variant(self, p: PixelSortFields, context: Context) -> tuple[str, int]:
        return p.pixel_sort_direction, context.seed

    def maps(self, size: tuple[int, int], device: torch.device, variant: tuple[str, int]) -> Maps:
        direction, seed = variant
        upright = direction in ("down", "up")
        lines = torch.arange(size[1] if upright else size[0], device=device)[:, None]
        return Maps(hash_unit(lines, torch.zeros_like(lines), 0, seed), upright, direction in ("up", "left"))

    def numbers(self, p: PixelSortFields, context: Context) -> Numbers:
        return Numbers(max(2.0, _LONGEST * p.pixel_sort * context.height), p.pixel_sort_threshold)

    def apply(self, frame: Tensor, n: Numbers, plan: Maps, memory: Memory) -> Tensor:
        # Lines lie in one piece, since pixels that are far apart in memory are slow to gather.
        turned = frame.transpose(2, 3).contiguous() if plan.upright else frame
        lines = luma(turned)[0, 0]
        order = order_of(lines, cuts(lines, n, plan.dice), plan.backwards)
        starts = torch.arange(lines.shape[0], device=frame.device, dtype=torch.int32)[:, None] * lines.shape[1]
        made = pick(turned, starts + order)
        return frame.copy_(made.transpose(2, 3)) if plan.upright else made


def cuts(lines: Tensor, n: Numbers, dice: Tensor) -> Tensor:
    """Where a stretch begins, (lines, length) bool: at every dark pixel, behind it, and where one would be too long."""
    dark = lines < n.threshold * exposure(lines)
    places = torch.arange(lines.shape[1], device=lines.device)
    piece = (places / n.length + dice).to(torch.int32)
    begins = torch.ones_like(dark)
    begins[:, 1:] = dark[:, 1:] | dark[:, :-1] | (piece[:, 1:] != piece[:, :-1])
    return begins


def order_of(lines: Tensor, begins: Tensor, backwards: bool) -> Tensor:
    """From which place of its line each pixel comes, int32: stretches stay where they are, brightest last."""
    length = lines.shape[1]
    bits = max(1, math.ceil(math.log2(length)))
    kind = torch.int32 if 2 * bits + 8 <= 31 else torch.int64
    places = torch.arange(length, device=lines.device, dtype=kind)
    starts = torch.cummax(places * begins, dim=1).values.to(kind)
    tones = (lines * (_TONES - 1.0)).to(kind)
    tones = _TONES - 1 - tones if backwards else tones
    packed = (((starts << 8) | tones) << bits) | places
    return (_sorted(packed) & ((1 << bits) - 1)).to(torch.int32)


def _sorted(rows: Tensor) -> Tensor:
    if rows.device.type == "cpu" and not torch.compiler.is_compiling():
        # Twenty times as fast there as torch.
        return torch.from_numpy(np.sort(rows.numpy(), axis=1))
    return torch.sort(rows, dim=1).values
