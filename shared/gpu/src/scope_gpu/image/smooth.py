"""Smoothing that stops at edges."""

import torch
from torch import Tensor
from torch.nn import functional as F

# The 16 bits of a number of 32 that are a mean.
_LOW = 0xFFFF


def kuwahara(planes: Tensor, radius: int, guide: Tensor | None = None) -> Tensor:
    """TCHW smoothed up to its edges: each pixel becomes the mean of the calmest of the four squares around it.

    Kuwahara et al., "Processing of RI-angiocardiographic images", 1976. The squares are radius + 1 pixels wide and share
    the pixel as a corner; the calmest is the one of least variance of `guide`, T1HW. Without one, `planes` are of one
    channel in [0, 1], and the means are those to 16 bits.
    """
    if guide is None:
        return _kuwahara(planes, radius)
    side, channels = radius + 1, planes.shape[1]
    stacked = torch.cat((planes, guide, guide * guide), dim=1)
    padded = F.pad(stacked, (radius, radius, radius, radius), mode="replicate")
    means = _box(padded, side) / side**2
    mean, variance = means[:, :channels], means[:, -1:] - means[:, -2:-1].square()
    height, width = planes.shape[-2:]
    best, least = _corner(mean, 0, 0, height, width), _corner(variance, 0, 0, height, width)
    for top, left in ((0, radius), (radius, 0), (radius, radius)):
        other, its = _corner(mean, top, left, height, width), _corner(variance, top, left, height, width)
        calmer = (its < least).to(planes.dtype)
        best, least = torch.lerp(best, other, calmer), torch.minimum(least, its)
    return best


def _kuwahara(plane: Tensor, radius: int) -> Tensor:
    """Of one channel that is its own guide: variance and mean are one number of 32 bits, and the least of four is taken."""
    padded, area = F.pad(plane, (radius, radius, radius, radius), mode="replicate"), (radius + 1) ** 2
    total, squares = _box(padded, radius + 1), _box(padded * padded, radius + 1)
    # Bits of floats that are not negative are in order as whole numbers.
    variance = squares.mul_(area).addcmul_(total, total, value=-1.0).clamp_(min=0.0).view(torch.int32)
    mean = total.mul_(_LOW / area).add_(0.5).to(torch.int32)
    both = variance.bitwise_and_(~_LOW).bitwise_or_(mean)
    height, width = plane.shape[-2:]
    across = torch.minimum(both[..., :width], both[..., radius : radius + width])
    least = torch.minimum(across[..., :height, :], across[..., radius : radius + height, :])
    return least.bitwise_and_(_LOW).to(plane.dtype).mul_(1.0 / _LOW)


def _box(planes: Tensor, side: int) -> Tensor:
    """The sum over each square of `side` pixels, without padding."""
    return _run(_run(planes, side, -1), side, -2)


def _run(planes: Tensor, side: int, dim: int) -> Tensor:
    """Sums of `side` neighbours, by sums of 1, 2, 4, ... of them."""
    size = planes.shape[dim] - side + 1
    total, at, power = None, 0, 1
    while side:
        if side & 1:
            part = planes.narrow(dim, at, size)
            total, at = part if total is None else total + part, at + power
        side >>= 1
        if side:
            length = planes.shape[dim] - power
            planes = planes.narrow(dim, 0, length) + planes.narrow(dim, power, length)
            power *= 2
    assert total is not None
    return total


def _corner(planes: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
    return planes[..., top : top + height, left : left + width]
