"""Feedback trails: light leaves something behind that moves, fades and changes color."""

import math
from functools import partial
from typing import Annotated, ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_gpu.image.bands import in_bands
from scope_gpu.image.blur import grow, growing, shrink
from scope_gpu.image.color import luma
from scope_gpu.image.oklab import turn_hue
from scope_gpu.image.warp import coordinates, grid, read, turned
from scope_gpu.plugin.clock import FRAME_INTERVAL
from scope_gpu.plugin.controls import choice, slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory
from scope_gpu.plugin.renamed import Renamed, old_name

# Movement and light are looked for at half the size: noise of single pixels is neither.
_HALF = 1
# In a picture of so many lines a trail of light is kept at half the size as well: it moves and fades.
_LARGE = 480
# Change of luma from one frame to the next from which a pixel moves, and at which it counts in full.
_STILL, _MOVING = 0.02, 0.08
# Brightest channel from which a pixel is light by itself, and at which it counts in full.
_DIM, _LIGHT = 0.75, 0.95


class TrailsFields(BaseModel):
    group: ClassVar[str] = "Time"

    trails: float = unit_slider(
        "Trails", "Share that is left of moving and bright things a thirtieth of a second later; 1 keeps it for ever"
    )
    trails_mode: Literal["lighten", "screen", "blend"] = choice(
        "Trails mode",
        "Keep the brighter of frame and trail, add their light, or average all of the last pictures",
        "lighten",
    )
    trails_growth: float = slider("Trails growth", "Growth of the trail in doublings a second", 0.85, -5.0, 5.0)
    trails_turn: float = slider("Trails turn", "Turns of the trail a second, clockwise", 0.0, -1.0, 1.0)
    trails_hue_turn: float = slider("Trails hue", "Turns of the trail's hue a second", 0.0, -2.5, 2.5)
    # In percent and in degrees a thirtieth of a second.
    trails_zoom: Annotated[float, Renamed("trails_growth", lambda percent: 30.0 * math.log2(1.0 + percent / 100.0))] = (
        old_name("trails_growth", 2.0, -10.0, 10.0)
    )
    trails_rotation: Annotated[float, Renamed("trails_turn", lambda degrees: degrees / 12.0)] = old_name(
        "trails_turn", 0.0, -10.0, 10.0
    )
    trails_hue: Annotated[float, Renamed("trails_hue_turn", lambda degrees: degrees / 12.0)] = old_name(
        "trails_hue_turn", 0.0, -30.0, 30.0
    )


class Variant(NamedTuple):
    """How frame and trail meet, what happens to the trail from one frame to the next, and how often it is halved."""

    mode: str
    moves: bool
    changes_hue: bool
    halvings: int


class Numbers(NamedTuple):
    """`kept`: the share of the trail that is left; cosines and sines of the trail's turn, and of its hue's."""

    kept: float
    cos: float
    sin: float
    hue_cos: float
    hue_sin: float


class Maps(NamedTuple):
    x: Tensor
    y: Tensor
    variant: Variant


class Trails(Effect):
    """A trail of what moves or shines, laid over the picture; what rests in the shade leaves none, and is not covered by
    its own. In the mode "blend" all of the last picture trails.

    Pace is that of time: at any frame rate a trail is as long and turns as fast.
    """

    fields = TrailsFields
    pulses = False

    def variant(self, p: TrailsFields, context: Context) -> Variant:
        halvings = 0 if p.trails_mode == "blend" or context.height < _LARGE else _HALF
        moves = bool(p.trails_growth or p.trails_turn)
        return Variant(p.trails_mode, moves, bool(p.trails_hue_turn), halvings)

    def maps(self, size: tuple[int, int], device: torch.device, variant: Variant) -> Maps:
        height, width = (-(-side >> variant.halvings) for side in size)
        return Maps(*coordinates(height, width, device), variant)

    def numbers(self, p: TrailsFields, context: Context) -> Numbers:
        seconds = context.elapsed
        turn, hue = -math.tau * p.trails_turn * seconds, math.tau * p.trails_hue_turn * seconds
        scale, kept = 2.0 ** (-p.trails_growth * seconds), p.trails ** (seconds / FRAME_INTERVAL)
        return Numbers(kept, scale * math.cos(turn), scale * math.sin(turn), math.cos(hue), math.sin(hue))

    def plan(self, n: Numbers, maps: Maps) -> tuple[Tensor | None, Variant]:
        size = (maps.y.shape[-2], maps.x.shape[-1])
        where = grid(*turned(maps.x, maps.y, n.cos, n.sin), *size) if maps.variant.moves else None
        return where, maps.variant

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor | None, Variant], memory: Memory) -> Tensor:
        where, variant = plan
        small = shrink(frame, _HALF)
        tone = luma(small)
        feeding = alive(small, tone - memory.get("tone", tone))
        memory["tone"] = tone
        fed = small * feeding if variant.halvings else frame * grow(feeding, _HALF, *frame.shape[-2:])
        if "trail" not in memory:
            memory["trail"] = frame.clone() if variant.mode == "blend" else fed
            return frame
        trail = memory["trail"] if where is None else read(memory["trail"], where)
        trail = turn_hue(trail, n.hue_cos, n.hue_sin) if variant.changes_hue else trail
        if variant.mode == "blend":
            memory["trail"] = frame.lerp_(trail, n.kept).clone()
            return frame
        faded = trail * n.kept
        memory["trail"] = torch.maximum(faded, fed)
        return in_bands(partial(lit, variant.mode), frame, growing(faded, variant.halvings, *frame.shape[-2:]))


def alive(frame: Tensor, change: Tensor) -> Tensor:
    """How much each pixel of T3HW leaves a trail, T1HW in [0, 1]: what changed its luma, and what shines in any color."""
    moving = (change.abs() - _STILL) / (_MOVING - _STILL)
    shining = (frame.amax(dim=1, keepdim=True) - _DIM) / (_LIGHT - _DIM)
    return torch.maximum(moving, shining).clamp_(0.0, 1.0)


def lit(mode: str, frame: Tensor, trail: Tensor) -> Tensor:
    """A frame, 1CHW [0, 1], which is written over, under its trail: "lighten" keeps the brighter of both, "screen" adds the
    light of the trail without clipping.
    """
    return torch.maximum(frame, trail, out=frame) if mode == "lighten" else frame.addcmul_(trail, 1.0 - frame)
