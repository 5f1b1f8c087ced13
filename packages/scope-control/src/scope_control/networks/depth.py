"""Depth from one picture, and its range over time."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PATCH = 14
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's colors, on which the backbone was trained."""
SMALLEST = 112
"""Pixels of the longer side that a network sees at the least."""
PACE = 0.1
"""Share of the way that the range goes with every frame from the old one to that of the picture."""
TAILS = 0.02
"""Share of the values beyond the range, on either side."""


def depth_of(network: nn.Module, frames: Tensor, resolution: int) -> Tensor:
    """Inverse depth T1HW of TCHW [0, 1], larger is nearer, in the network's own unit.

    Args:
        resolution: longer side of what the network sees, in pixels, rounded to whole patches.
    """
    size = sizes_of(*frames.shape[-2:], resolution, PATCH)
    mean, deviation = (torch.tensor(values, device=frames.device).view(1, 3, 1, 1) for values in (MEAN, DEVIATION))
    seen = F.interpolate(frames, size, mode="bilinear", antialias=True, align_corners=False)
    weights = next(network.parameters())
    depth = network(((seen - mean) / deviation).to(weights.dtype)).predicted_depth[:, None].float()
    return F.interpolate(depth, frames.shape[-2:], mode="bilinear", align_corners=False)


def sizes_of(height: int, width: int, longest: int, step: int = 1) -> tuple[int, int]:
    """Height and width in whole steps, two at least, in about the given proportion, the longer one about `longest`.

    Not larger than the picture, which has no more to show, unless that is smaller than `SMALLEST`.
    """
    scale = min(longest, max(SMALLEST, height, width)) / (step * max(height, width))
    return max(2, round(height * scale)) * step, max(2, round(width * scale)) * step


class Range:
    """Spreads depth over black to white. Its two ends follow the picture slowly, so that brightness does not pump."""

    def __init__(self) -> None:
        self._ends: Tensor | None = None

    def spread(self, depth: Tensor, cuts: Tensor) -> Tensor:
        """T1HW in any unit to [0, 1].

        Args:
            cuts: T111, 1 for a frame that begins a new shot and with it a new range.
        """
        return torch.cat([self._one(frame, cut) for frame, cut in zip(depth.split(1), cuts.split(1), strict=True)])

    def _one(self, depth: Tensor, cut: Tensor) -> Tensor:
        values = depth.flatten()
        count = max(1, round(TAILS * values.numel()))
        ends = torch.stack([values.kthvalue(count).values, values.kthvalue(values.numel() + 1 - count).values])
        if self._ends is not None:
            ends = torch.lerp(self._ends, ends, torch.clamp(cut.flatten() + PACE, max=1.0))
        self._ends = ends
        low, high = ends
        return ((depth - low) / (high - low).clamp(min=1e-6)).clamp_(0.0, 1.0)
