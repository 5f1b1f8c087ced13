"""Feedback: a camera that films its own screen."""

import math
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import BaseModel
from torch import Tensor

from scope_fx.effects.exposure import exposure
from scope_gpu.image.bands import in_bands
from scope_gpu.image.blur import growing, shrink
from scope_gpu.image.color import hue_matrix, luma, mix_channels
from scope_gpu.image.warp import coordinates, grid, read, turned
from scope_gpu.plugin.controls import choice, slider, unit_slider
from scope_gpu.plugin.effect import Context, Effect, Memory

# What each reading blurs is sharpened again by this much.
_SHARPEN = 0.08
# Halvings of the picture whose light is measured.
_COARSE = 3
# The width of the soft edge of the key.
_SOFT = 0.25
# What is left of the screen's light after a second.
_KEPT = 0.75


class FeedbackFields(BaseModel):
    group: ClassVar[str] = "Time"

    feedback: float = unit_slider("Feedback", "How much of the picture is the last one, moved")
    feedback_mode: Literal["key", "lighten", "difference"] = choice(
        "Feedback mode",
        "The last picture fills what is darker than the amount, shows where it is brighter, or is subtracted",
        "key",
    )
    feedback_zoom: float = slider("Feedback zoom", "Growth in doublings a second", 0.5, -2.0, 2.0)
    feedback_turn: float = slider("Feedback turn", "Turns a second, clockwise", 0.02, -0.5, 0.5)
    feedback_hue: float = slider("Feedback hue", "Turns of the hue a second", 0.1, -1.0, 1.0)


class Numbers(NamedTuple):
    """`kept`: what is left of the light. Cosine and sine of the turn hold the scale. `hue`: a matrix."""

    amount: float
    kept: float
    cos: float
    sin: float
    hue: tuple[tuple[float, ...], ...]


class Maps(NamedTuple):
    x: Tensor
    y: Tensor
    mode: str


class Feedback(Effect):
    """The last picture is turned, zoomed, sharpened and laid under, into or over the new one, all at a pace that does not
    depend on the frame rate. Beyond the edge the picture is mirrored.
    """

    fields = FeedbackFields
    pulses = False

    def variant(self, p: FeedbackFields, context: Context) -> str:
        return p.feedback_mode

    def maps(self, size: tuple[int, int], device: torch.device, variant: str) -> Maps:
        return Maps(*coordinates(*size, device), variant)

    def numbers(self, p: FeedbackFields, context: Context) -> Numbers:
        seconds = context.elapsed
        turn, scale = -math.tau * p.feedback_turn * seconds, 2.0 ** (-p.feedback_zoom * seconds)
        hue = hue_matrix(360.0 * p.feedback_hue * seconds)
        return Numbers(
            p.feedback,
            _KEPT**seconds,
            scale * math.cos(turn),
            scale * math.sin(turn),
            tuple(tuple(row) for row in hue),
        )

    def plan(self, n: Numbers, maps: Maps) -> tuple[Tensor, str]:
        size = (maps.y.shape[-2], maps.x.shape[-1])
        return grid(*turned(maps.x, maps.y, n.cos, n.sin), *size), maps.mode

    def apply(self, frame: Tensor, n: Numbers, plan: tuple[Tensor, str], memory: Memory) -> Tensor:
        where, mode = plan
        if "screen" not in memory:
            memory["screen"] = frame.clone()
        level = exposure(luma(shrink(frame, _COARSE)))
        moved = read(memory["screen"], where)
        blurred = growing(shrink(moved), 1, *frame.shape[-2:])

        def filmed(band: Tensor, beside: tuple[Tensor, Tensor]) -> Tensor:
            screen, blurred = beside
            sharp = torch.lerp(screen, blurred, -_SHARPEN).mul_(n.kept).clamp_(0.0, 1.0)
            return meet(band, mix_channels(sharp, n.hue).clamp_(0.0, 1.0), n.amount, mode, level)

        seen = in_bands(filmed, frame, (moved, blurred))
        memory["screen"].copy_(seen)
        return seen


def meet(frame: Tensor, screen: Tensor, amount: float | Tensor, mode: str, level: float | Tensor = 1.0) -> Tensor:
    """A frame and the screen that it is seen with, 1CHW [0, 1]; the frame itself at amount 0. `level`: what counts as white."""
    if mode == "lighten":
        return torch.maximum(frame, screen * amount)
    if mode == "difference":
        return (frame - screen * amount).abs_()
    over = (luma(frame).mul_(1.0 / level) - (amount * (1.0 + _SOFT) - _SOFT)).mul_(1.0 / _SOFT).clamp_(0.0, 1.0)
    return torch.lerp(screen, frame, over)
