"""Noise controller of video mode: the more the input moves, the more the model may change it."""

import torch
from torch import Tensor

HALF_MOTION = 0.04  # mean change of brightness between frames at which the controller adds nothing
SPAN = 0.25  # furthest that it goes above or below the chosen noise scale
RATE = 0.3  # share of the way to the new level that one chunk goes


class MotionNoise:
    """Noise level of each chunk from the motion in its frames.

        m = mean |luma(frame) - luma(frame before)|             luma in [0, 1]
        target = clamp(noise_scale + 0.25 · (m - 0.04) / (m + 0.04), 0.05, 1)
        level = level + 0.3 · (target - level)                  the first chunk starts at its target

    m / (m + 0.04) rises with m, so more motion always means more noise. All values stay on the device.
    """

    def __init__(self):
        self._last: Tensor | None = None
        self._level: Tensor | None = None

    def level(self, frames: Tensor, noise_scale: float) -> Tensor:
        """Noise scale (0-dim, float32) for `frames` BCTHW [-1, 1]."""
        luma = frames.float().mean(dim=1) / 2  # half the range of [-1, 1] is [0, 1] wide
        before = luma[:, :1] if self._last is None else self._last
        motion = torch.cat([before, luma], dim=1).diff(dim=1).abs().mean()
        self._last = luma[:, -1:].clone()
        target = target_level(motion, noise_scale)
        self._level = target if self._level is None else self._level + RATE * (target - self._level)
        return self._level


def target_level(motion: Tensor, noise_scale: float) -> Tensor:
    """Where the level goes for a `motion` in [0, 1]."""
    push = (motion - HALF_MOTION) / (motion + HALF_MOTION)
    return (noise_scale + SPAN * push).clamp(0.05, 1.0)
