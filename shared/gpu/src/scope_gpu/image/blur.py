"""Blurs: a separable Gaussian of a few pixels, and a pyramid for wide glows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from scope_gpu.image.bands import Rows


def gaussian_kernel(sigma: float) -> list[float]:
    """A normalised 1-D Gaussian that reaches three sigmas to each side, to the nearest pixel; of odd length."""
    radius = max(1, round(3.0 * sigma))
    offsets = [offset / sigma for offset in range(-radius, radius + 1)]
    # Squared by multiplication: with a tiny sigma it becomes infinite, where a power would raise OverflowError.
    weights = [math.exp(-0.5 * offset * offset) for offset in offsets]
    total = sum(weights)
    return [weight / total for weight in weights]


def gaussian_blur(batch: Tensor, sigma: float) -> Tensor:
    """Blur TCHW with a Gaussian of `sigma` pixels; the edge is repeated outwards. `sigma <= 0` returns the input.

    Two 1-D convolutions, in the range of the input. Cost grows with sigma; for wide glows see `blur_pyramid`.
    """
    if sigma <= 0.0:
        return batch
    kernel = gaussian_kernel(sigma)
    return convolve(convolve(batch, kernel, dim=-1), kernel, dim=-2)


def convolve(batch: Tensor, kernel: list[float], dim: int, stride: int = 1) -> Tensor:
    """Correlate (..., H, W) along dimension -1 or -2 with a short kernel; the edge is repeated outwards.

    An odd kernel is centred on each pixel, an even one on the border between a pixel and the next. Shifted sums: on CPUs
    many times faster than a depthwise `conv2d`, and on GPUs as fast for the short kernels meant here.
    """
    size = batch.shape[dim]
    before, after = (len(kernel) - 1) // 2, len(kernel) // 2
    padding = (before, after, 0, 0) if dim == -1 else (0, 0, before, after)
    padded = F.pad(batch, padding, mode="replicate")
    total = _strided(padded, 0, size, stride, dim) * kernel[0]
    for offset, weight in enumerate(kernel[1:], start=1):
        total.add_(_strided(padded, offset, size, stride, dim), alpha=weight)
    return total


def add_share(total: Tensor, other: Tensor, share: float | Tensor) -> Tensor:
    """`total += other * share` without a temporary; the share is a float or a 0-dim tensor, as numbers of effects are."""
    return total.addcmul_(other, share) if isinstance(share, Tensor) else total.add_(other, alpha=share)


def halve(batch: Tensor) -> Tensor:
    """TCHW at half the size, rounded up, filtered with the binomial [1 3 3 1] / 8 in both directions."""
    binomial = [0.125, 0.375, 0.375, 0.125]
    return convolve(convolve(batch, binomial, dim=-1, stride=2), binomial, dim=-2, stride=2)


def blur_pyramid(batch: Tensor, weights: Sequence[float | Tensor], size: Sequence[int] | None = None) -> Tensor:
    """A wide, soft blur of TCHW: the weighted sum of ever coarser copies, at half the size of the input or at `size`.

    Level i is i + 1 times halved; `weights[i]` is its share, so weights that sum to 1 keep the mean. Going up, each sum is
    enlarged bilinearly and added to the next finer level, as in J. Jimenez, "Next Generation Post Processing in Call of
    Duty: Advanced Warfare", SIGGRAPH 2014. Cost does not depend on how wide the blur is. Levels stop at one pixel.
    """
    levels = _levels(batch, len(weights))
    # Levels that a small picture does not have add their share to its coarsest one.
    shares = [*weights[: len(levels) - 1], sum(weights[len(levels) - 1 :])]
    total = levels[-1] * shares[-1]
    for level, share in zip(levels[-2::-1], shares[-2::-1], strict=True):
        total = enlarge(total, level.shape[-2], level.shape[-1]) + level * share
    return total if size is None else enlarge(total, *size)


def enlarge(batch: Tensor, height: int, width: int) -> Tensor:
    """TCHW at another size, bilinear; itself where it has that size."""
    if batch.shape[-2:] == (height, width):
        return batch
    times = max(0, (height // batch.shape[-2]).bit_length() - 1)
    doubled = (height, width) == (batch.shape[-2] << times, batch.shape[-1] << times)
    if doubled and batch.device.type == "cpu" and not torch.compiler.is_compiling():
        return enlarge_along(enlarge_along(batch, times, -1), times, -2)
    # Plane by plane: on CPUs two to three times as fast as three channels at once.
    planes = batch.reshape(-1, 1, *batch.shape[-2:])
    grown = F.interpolate(planes, (height, width), mode="bilinear", align_corners=False)
    return grown.view(*batch.shape[:2], height, width)


def enlarge_along(batch: Tensor, doublings: int, dim: int) -> Tensor:
    """TCHW with 2 ** `doublings` times as many rows (`dim` -2) or columns (-1), bilinear, the edge repeated outwards.

    By sums of slices: on CPUs a third faster than `interpolate`, and more so for rows.
    """
    return _grown(F.pad(batch, (1, 1, 0, 0) if dim == -1 else (0, 0, 1, 1), mode="replicate"), doublings, dim)


def _grown(padded: Tensor, doublings: int, dim: int) -> Tensor:
    """As `enlarge_along`, with the pixel before the first and the one behind the last at hand."""
    times, size = 1 << doublings, padded.shape[dim] - 2
    shape = list(padded.shape)
    shape[dim] = times * size
    grown = torch.empty(shape, dtype=padded.dtype, device=padded.device)
    for place in range(times):
        # Where the new pixel lies between the middles of two old ones.
        offset = (place + 0.5) / times + 0.5
        start = int(offset)
        step = (..., slice(place, None, times), *[slice(None)] * (-1 - dim))
        torch.lerp(
            padded.narrow(dim, start, size), padded.narrow(dim, start + 1, size), offset - start, out=grown[step]
        )
    return grown


def shrink(batch: Tensor, times: int = 1) -> Tensor:
    """TCHW halved `times` times, each pixel the mean of two by two; the edge of an odd size counts twice."""
    for _ in range(times):
        height, width = batch.shape[-2:]
        if height % 2 or width % 2:
            batch = F.pad(batch, (0, width % 2, 0, height % 2), mode="replicate")
        # Slices: on CPUs ten times as fast as pooling.
        rows = torch.lerp(batch[..., ::2, :], batch[..., 1::2, :], 0.5)
        batch = torch.lerp(rows[..., ::2], rows[..., 1::2], 0.5)
    return batch


def grow(batch: Tensor, times: int, height: int, width: int) -> Tensor:
    """The way back from `shrink`: TCHW doubled `times` times, bilinear, and cut to `height` x `width`, without a shift."""
    down, across = batch.shape[-2:]
    return enlarge(batch, down << times, across << times)[..., :height, :width]


@dataclass(frozen=True)
class Growing(Rows):
    """Planes as wide as a picture, and `doublings` times to be doubled in height: `Rows` of it, bilinear."""

    wide: Tensor
    doublings: int

    def rows(self, band: slice) -> Tensor:
        """Those of a band whose start is a multiple of 2 ** `doublings`."""
        size, times = self.wide.shape[-2], 1 << self.doublings
        start, stop = band.start >> self.doublings, -(-band.stop // times)
        near = self.wide[..., max(0, start - 1) : stop + 1, :]
        if start == 0 or stop == size:
            near = F.pad(near, (0, 0, int(start == 0), int(stop == size)), mode="replicate")
        return _grown(near, self.doublings, -2)[..., : band.stop - band.start, :]


def growing(batch: Tensor, times: int, height: int, width: int) -> Tensor | Growing:
    """As `grow`, for what lies beside a picture in bands: on a CPU rows are made band by band."""
    if not times:
        return batch
    if batch.device.type != "cpu" or torch.compiler.is_compiling():
        return grow(batch, times, height, width)
    return Growing(enlarge_along(batch, times, -1)[..., :width], times)


def _levels(batch: Tensor, count: int) -> list[Tensor]:
    levels = [halve(batch)]
    while len(levels) < count and max(levels[-1].shape[-2:]) > 1:
        levels.append(halve(levels[-1]))
    return levels


def _strided(padded: Tensor, offset: int, size: int, stride: int, dim: int) -> Tensor:
    window = slice(offset, offset + size, stride)
    return padded[..., window] if dim == -1 else padded[..., window, :]
