"""Less flicker: a map follows at once where the picture moves, and slowly where it rests."""

import torch
from torch import Tensor

from scope_gpu.image.blur import gaussian_blur
from scope_gpu.image.color import luma

CHANGE_SIGMA = 1.5
"""In pixels: noise of single pixels shall not count as movement."""
TOLERANCE = 0.03
"""Change of luma, [0, 1], at which a pixel begins to count as moving."""
LONGEST = 0.95
"""Share of the last map that stays at full strength, so that even then nothing freezes."""


def steady(maps: Tensor, last: Tensor | None, frames: Tensor, before: Tensor, strength: float) -> Tensor:
    """Average each map with the one before it, as motion-adaptive noise reduction does.

    Args:
        maps: TCHW, in the order of time.
        last: 1CHW, the result for the frame before the first one, None if there is none.
        frames, before: TCHW [0, 1], each frame and the one before it.
        strength: 0 (returns `maps`) to 1.

    Returns:
        TCHW, the same however the frames are cut into calls.
    """
    if strength <= 0.0:
        return maps
    change = gaussian_blur(luma(frames) - luma(before), CHANGE_SIGMA) / TOLERANCE
    stay = LONGEST * strength * torch.exp(-change * change)
    results = [] if last is None else [last]
    for index in range(maps.shape[0]):
        current = maps[index : index + 1]
        results.append(torch.lerp(current, results[-1], stay[index : index + 1]) if results else current)
    return torch.cat(results[-maps.shape[0] :])
