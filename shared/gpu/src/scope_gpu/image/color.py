"""Colour: transfer curves, luma and matrices. Functions take and return (..., 3, H, W) floats unless they say otherwise."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

type Matrix = Sequence[Sequence[float]]

REC709_LUMA = (0.2126, 0.7152, 0.0722)


def luma(rgb: Tensor) -> Tensor:
    """Rec. 709 luma of (..., 3, H, W) as (..., 1, H, W), in the range of the input (ITU-R BT.709)."""
    red, green, blue = rgb.split(1, dim=-3)
    r, g, b = REC709_LUMA
    return (red * r).add_(green, alpha=g).add_(blue, alpha=b)


def srgb_to_linear(srgb: Tensor) -> Tensor:
    """Display values in [0, 1] to linear light in [0, 1] (IEC 61966-2-1)."""
    curve = srgb.clamp(min=0.0).add_(0.055).div_(1.055).pow_(2.4)
    return _select(srgb <= 0.04045, srgb / 12.92, curve)


def linear_to_srgb(linear: Tensor) -> Tensor:
    """Linear light in [0, 1] to display values in [0, 1] (IEC 61966-2-1); brighter light continues the curve."""
    curve = linear.clamp(min=0.0).pow_(1.0 / 2.4).mul_(1.055).sub_(0.055)
    return _select(linear <= 0.0031308, linear * 12.92, curve)


def mix_channels(rgb: Tensor, matrix: Sequence[Sequence[float | Tensor]]) -> Tensor:
    """Multiply each pixel's colour by a 3x3 matrix, row by row: `out[i] = sum_j matrix[i][j] * rgb[j]`."""
    weights = _as_tensor(matrix, rgb)
    if rgb.ndim == 4 and rgb.shape[0] == 1:
        # One product of two matrices, which spares batched ones their copies.
        return torch.mm(weights, rgb[0].flatten(-2)).view(rgb.shape)
    return torch.matmul(weights, rgb.flatten(-2)).view(rgb.shape)


def curve(rgb: Tensor, table: Tensor) -> Tensor:
    """Look each channel's values up in a table of its own, the nearest entry: any curve for the price of one.

    Args:
        rgb: (1, C, H, W) in [0, 1], which is not checked; written over. Each channel is contiguous.
        table: (C, N), N values for evenly spaced arguments from 0 to 1.
    """
    # An index of 32 bits is half the memory of one of 64. The format is given, or rows of a band would keep their gaps.
    places = torch.empty(rgb.shape, dtype=torch.int32, device=rgb.device)
    places.copy_(rgb.mul_(table.shape[1] - 1.0).add_(0.5))
    for channel, row in enumerate(table):
        torch.index_select(row, 0, places[0, channel].view(-1), out=rgb[0, channel].view(-1))
    return rgb


def pairs(table: Tensor) -> Tensor:
    """A table of bytes, (C, 256) float32, as `byte_curve` takes it: for all pairs of bytes their two values."""
    channels = len(table)
    both = torch.stack((table[:, None, :].expand(-1, 256, -1), table[:, :, None].expand(-1, -1, 256)), dim=-1)
    return both.view(torch.float64).view(channels, -1)


def byte_curve(values: Tensor, table: Tensor, into: Tensor) -> Tensor:
    """As `curve`, but of bytes: (1, C, H, W) uint8 on a CPU, in any layout, through a table of `pairs` into float32.

    Exact, and three times as fast: neighbours are looked up two at once, as one number of 16 bits.
    """
    for plane, row, out in zip(values[0].numpy(), table.numpy(), into[0].numpy(), strict=True):
        if plane.shape[-1] % 2:
            # The pairs whose second byte is 0 begin with the table itself.
            out[:] = row.view(np.float32)[:512:2][plane]
        else:
            places = np.ascontiguousarray(plane).view(np.uint16).astype(np.intp)
            # No place is beyond the table, and wrapping costs less than an error would.
            np.take(row, places, out=out.view(np.float64), mode="wrap")
    return into


def saturation_matrix(factor: float) -> Matrix:
    """Scale the distance from grey by `factor`, keeping Rec. 709 luma: 0 is greyscale, 1 changes nothing."""
    return [[(1.0 - factor) * weight + factor * (i == j) for j, weight in enumerate(REC709_LUMA)] for i in range(3)]


def hue_matrix(degrees: float) -> Matrix:
    """Turn the hue by `degrees`, red towards green, keeping Rec. 709 luma: a rotation in the CbCr plane (ITU-R BT.709)."""
    r, g, b = REC709_LUMA
    blue_scale, red_scale = 2.0 * (1.0 - b), 2.0 * (1.0 - r)
    to_ycbcr = [
        [r, g, b],
        [-r / blue_scale, -g / blue_scale, 0.5],
        [0.5, -g / red_scale, -b / red_scale],
    ]
    to_rgb = [
        [1.0, 0.0, red_scale],
        [1.0, -blue_scale * b / g, -red_scale * r / g],
        [1.0, blue_scale, 0.0],
    ]
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    # With Cb to the right and Cr upwards red lies above and green below on the left: anticlockwise.
    turn = [[1.0, 0.0, 0.0], [0.0, cos, -sin], [0.0, sin, cos]]
    return matrix_product(to_rgb, matrix_product(turn, to_ycbcr))


def matrix_product(left: Matrix, right: Matrix) -> Matrix:
    """The 3x3 matrix that applies `right` first, then `left`."""
    return [[sum(row[k] * right[k][j] for k in range(3)) for j in range(3)] for row in left]


def _as_tensor(matrix: Sequence[Sequence[float | Tensor]], like: Tensor) -> Tensor:
    rows = [[v if isinstance(v, Tensor) else float(v) for v in row] for row in matrix]
    if isinstance(rows[0][0], Tensor):
        return torch.stack([torch.stack(row) for row in rows]).to(like.dtype)  # ty: ignore[invalid-argument-type]
    return torch.tensor(rows, dtype=like.dtype, device=like.device)


def _select(mask: Tensor, chosen: Tensor, other: Tensor) -> Tensor:
    """`torch.where` by an exact lerp, which CPUs vectorise and `where` they do not."""
    return torch.lerp(other, chosen, mask.to(other.dtype))
