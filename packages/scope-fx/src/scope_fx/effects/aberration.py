"""Chromatic aberration: a lens that bends red less and blue more, growing towards the edges."""

import torch
from torch import Tensor

from scope_gpu.warp import coordinates, sample

# How far amount 1 moves a corner, as a share of its distance from the centre.
_REACH = 0.06
# Where in the spectrum each channel is sampled: -1 is the long end, 1 the short end.
_SPECTRUM = ((-1.0, -0.6, -0.2), (-0.4, 0.0, 0.4), (0.2, 0.6, 1.0))


def aberration(frames: Tensor, amount: float) -> Tensor:
    """Fringe the colours of TCHW in [0, 1]; amount 0 leaves the picture as it is.

    Each channel gathers three wavelengths, each magnified by 1 + s r^2, so that edges smear into a spectrum instead of
    splitting into three ghosts. The centre stays sharp.
    """
    if amount == 0.0:
        return frames
    x, y = coordinates(*frames.shape[-2:], frames.device)
    corner = (frames.shape[-1] / frames.shape[-2]) ** 2 + 1.0
    bend = (x * x + y * y) * (_REACH * amount / corner)
    channels = zip(frames.split(1, dim=-3), _SPECTRUM, strict=True)
    return torch.cat([_smear(plane, x, y, bend, wavelengths) for plane, wavelengths in channels], dim=-3)


def _smear(plane: Tensor, x: Tensor, y: Tensor, bend: Tensor, wavelengths: tuple[float, ...]) -> Tensor:
    total = torch.zeros_like(plane)
    for wavelength in wavelengths:
        scale = 1.0 + bend * wavelength
        total.add_(sample(plane, x * scale, y * scale, outside="border"), alpha=1.0 / len(wavelengths))
    return total
