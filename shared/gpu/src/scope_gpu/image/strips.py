"""Moving sixteen pixels at a time: for shifts that differ little between neighbours, at a third of the cost of `pick`."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from scope_gpu.image.bands import Rows, bands

LONG = 16
"""Pixels of a strip, all of which move by the same whole number of rows and columns."""


def middles(height: int, width: int, device: torch.device | str) -> tuple[Tensor, Tensor]:
    """Where the strips of a picture have their middles, in pixels: columns as (1, strips) and rows as (H, 1).

    The last strip of a row may reach beyond the picture.
    """
    columns = torch.arange(-(-width // LONG), device=device, dtype=torch.float32) * LONG + 0.5 * (LONG - 1)
    return columns[None, :], torch.arange(height, device=device, dtype=torch.float32)[:, None]


def places(across: Tensor, down: Tensor, height: int, width: int) -> Tensor:
    """The flat positions (H, strips), int32, in `padded` planes at which strips begin whose middles are read from there.

    Args:
        across, down: columns and rows in pixels, which broadcast to (H, strips). Beyond the picture its edge is repeated.
    """
    first = (across + (LONG + 0.5 - 0.5 * (LONG - 1))).floor_().clamp_(0.0, width + LONG).to(torch.int32)
    rows = (down + 0.5).floor_().clamp_(0.0, height - 1.0).to(torch.int32)
    return rows * (width + 2 * LONG) + first


def padded(planes: Tensor) -> Tensor:
    """TCHW in [0, 1] with its edge repeated by a strip to the left and to the right, float16: half the memory to read, and
    exact to a sixteenth of a step of 8 bits.
    """
    wide = torch.empty((*planes.shape[:-1], planes.shape[-1] + 2 * LONG), dtype=torch.float16, device=planes.device)
    wide[..., LONG:-LONG].copy_(planes)
    return _edged(wide)


@dataclass(frozen=True)
class Strips(Rows):
    """`padded` planes, (1, C, H, W + 2 LONG), read at `places` of each channel: rows (1, C, rows of the band, W)."""

    planes: Tensor
    at: Sequence[Tensor]

    def rows(self, band: slice) -> Tensor:
        width, height, count = self.planes.shape[-1] - 2 * LONG, band.stop - band.start, self.at[0].shape[-1]
        moved = torch.empty((1, len(self.at), height, LONG * count), dtype=self.planes.dtype, device=self.planes.device)
        for plane, begin, out in zip(self.planes[0], self.at, moved[0], strict=True):
            # Every run of pixels as a row of its own, all in the same memory.
            runs = plane.as_strided((plane.numel() - LONG + 1, LONG), (1, 1))
            torch.index_select(runs, 0, begin[band].reshape(-1), out=out.view(-1, LONG))
        return moved[..., :width]


def spread(planes: Tensor, at: Sequence[Tensor]) -> Tensor:
    """The mean of padded planes as they are and as `Strips`, padded again."""
    strips, mean, height = Strips(planes, at), torch.empty_like(planes), planes.shape[-2]
    for band in bands(height) if planes.device.type == "cpu" else [slice(0, height)]:
        inner = slice(LONG, planes.shape[-1] - LONG)
        torch.lerp(planes[..., band, inner], strips.rows(band), 0.5, out=mean[..., band, inner])
    return _edged(mean)


def _edged(wide: Tensor) -> Tensor:
    wide[..., :LONG] = wide[..., LONG : LONG + 1]
    wide[..., -LONG:] = wide[..., -LONG - 1 : -LONG]
    return wide
