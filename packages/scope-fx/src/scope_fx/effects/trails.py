"""Feedback trails: every frame leaves light behind that moves, fades and changes colour."""

from dataclasses import dataclass

import torch
from torch import Tensor

from scope_gpu.image.color import hue_matrix, mix_channels
from scope_gpu.image.warp import coordinates, rotate, sample


@dataclass(frozen=True)
class Motion:
    """What happens to the trail from one frame to the next.

    `zoom`: growth in percent, negative shrinks. `rotation` and `hue`: degrees.
    """

    zoom: float
    rotation: float
    hue: float


class Trails:
    """The memory of the effect: the last picture it made. One to a stream; a new size or amount 0 empties it."""

    def __init__(self) -> None:
        self._last: Tensor | None = None

    def __call__(self, frames: Tensor, amount: float, mode: str, motion: Motion) -> Tensor:
        """Add trails to TCHW in [0, 1], one frame after the other; see `trail` for the parameters."""
        if amount == 0.0:
            self._last = None
            return frames
        return torch.cat([self._next(frame, amount, mode, motion) for frame in frames.split(1)])

    def _next(self, frame: Tensor, amount: float, mode: str, motion: Motion) -> Tensor:
        if self._last is None or self._last.shape != frame.shape:
            self._last = frame
        else:
            self._last = trail(frame, self._last, amount, mode, motion)
        return self._last


def trail(frame: Tensor, last: Tensor, amount: float, mode: str, motion: Motion) -> Tensor:
    """One step of the feedback loop, TCHW in [0, 1].

    Args:
        frame: the picture that comes in.
        last: the picture this function gave before.
        amount: the share of `last` that is left after a frame; 1 keeps it for ever.
        mode: "lighten" keeps the brighter of the frame and the fading trail, "screen" adds the trail's light to the
            frame without clipping, "blend" averages the two with weights 1 - amount and amount.
        motion: how the trail moves and changes colour.
    """
    moved = _move(last, motion)
    if mode == "blend":
        return torch.lerp(frame, moved, amount)
    faded = moved * amount
    return torch.maximum(frame, faded) if mode == "lighten" else 1.0 - (1.0 - frame) * (1.0 - faded)


def _move(last: Tensor, motion: Motion) -> Tensor:
    if motion.zoom or motion.rotation:
        x, y = rotate(*coordinates(*last.shape[-2:], last.device), -motion.rotation / 360.0)
        scale = 1.0 / (1.0 + motion.zoom / 100.0)
        last = sample(last, x * scale, y * scale)
    return mix_channels(last, hue_matrix(motion.hue)).clamp_(0.0, 1.0) if motion.hue else last
