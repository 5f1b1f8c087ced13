"""Non-maximum suppression: of a gradient only the ridge stays."""

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_control.lines.gradient import Gradient, chosen

EIGHTH = 13573 / 32768
"""The tangent of an eighth of a half turn, as OpenCV rounds it."""
ROWS = 240
"""Rows of a part on a CPU."""


def thinned(gradient: Gradient) -> Tensor:
    """The strength where it is highest across the edge, 0 elsewhere, T1HW int16 (Canny, 1986).

    A pixel is held against its two neighbours in that one of four directions that its gradient is nearest to, and beyond
    the picture's edge against 0; on a plateau two pixels wide the first one is the ridge. Pixel for pixel `cv2.Canny`'s.
    """
    dx, dy, strength = gradient
    padded = F.pad(strength, (1, 1, 1, 1))
    # On a CPU in parts: small temporaries stay in its cache and are never fetched anew from the system.
    rows = ROWS if strength.device.type == "cpu" else strength.shape[-2]
    parts = [
        _thinned(dx[..., top : top + rows, :], dy[..., top : top + rows, :], padded[..., top : top + rows + 2, :])
        for top in range(0, strength.shape[-2], rows)
    ]
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=-2)


def _thinned(dx: Tensor, dy: Tensor, strength: Tensor) -> Tensor:
    """`thinned` for derivatives T1HW and a strength with a border of one pixel."""
    height, width = dx.shape[-2:]
    # At least as strong as a whole number is stronger than the one before it.
    exceeded = strength - 1

    def at(down: int, right: int, values: Tensor = strength) -> Tensor:
        return values[..., 1 + down : 1 + down + height, 1 + right : 1 + right + width]

    falling, rising = torch.maximum(at(-1, -1), at(1, 1)), torch.maximum(at(-1, 1), at(1, -1))
    beside, around = torch.maximum(at(0, -1), at(0, 1, exceeded)), torch.maximum(at(-1, 0), at(1, 0, exceeded))
    across, down = dx.abs(), dy.abs()
    limit = across.to(torch.float32).mul_(EIGHTH).to(torch.int16)
    is_flat = torch.le(down, limit, out=torch.empty_like(down))
    is_steep = down.gt_(limit.add_(across, alpha=2))
    highest = chosen((dx ^ dy).lt_(0), rising, falling)
    highest = chosen(is_steep, around, chosen(is_flat, beside, highest))
    return highest.lt_(at(0, 0)).mul_(at(0, 0))
