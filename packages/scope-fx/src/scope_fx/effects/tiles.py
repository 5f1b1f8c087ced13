"""Pictures in tiles: the mean of each, and back to the picture's size."""

import torch
from torch import Tensor
from torch.nn import functional as F

# Up to so many neighbours are added slice by slice: on CPUs faster than a sum over a short dimension.
_FEW = 8


def around(size: int, tile: int) -> tuple[int, int]:
    """How much to add before and behind, so that whole tiles fill the size and one has its middle in the middle."""
    count = -(-size // tile)
    count += 1 - count % 2
    spare = count * tile - size
    return spare // 2, spare - spare // 2


def padded(planes: Tensor, height: int, width: int) -> Tensor:
    """TCHW with its edge repeated outwards, so that tiles of that height and width fill it."""
    top, bottom = around(planes.shape[-2], height)
    left, right = around(planes.shape[-1], width)
    return F.pad(planes, (left, right, top, bottom), mode="replicate")


def trimmed(planes: Tensor, height: int, width: int, tile: tuple[int, int]) -> Tensor:
    """The way back from `padded`: the middle of planes that tiles fill."""
    top, left = around(height, tile[0])[0], around(width, tile[1])[0]
    return planes[..., top : top + height, left : left + width]


def mosaic(planes: Tensor, height: int, width: int) -> Tensor:
    """The mean of each tile of that height and width, TCHW in tiles; the edge of the picture is repeated outwards."""
    rows = _rows_added(planes, height)
    left, right = around(rows.shape[-1], width)
    wide = F.pad(rows, (left, right, 0, 0), mode="replicate")
    return _added(wide.unflatten(-1, (-1, width)), -1) / (height * width)


def laid(tiles: Tensor, height: int, width: int, size: tuple[int, int]) -> Tensor:
    """The way back from `mosaic`: TCHW of `size` in which each tile has one color."""
    (top, _), (left, _) = around(size[0], height), around(size[1], width)
    wide = tiles.repeat_interleave(width, dim=-1)[..., left : left + size[1]]
    rows = (torch.arange(size[0], device=tiles.device) + top) // height
    return wide.index_select(-2, rows)


def _rows_added(planes: Tensor, tile: int) -> Tensor:
    """The sums over rows of tiles. What lies beyond the picture is added without being made."""
    size = planes.shape[-2]
    before, behind = around(size, tile)
    first, last = planes[..., :1, :] * float(before), planes[..., -1:, :] * float(behind)
    if before + size + behind == tile:
        return planes.sum(-2, keepdim=True) + first + last
    head, body, tail = planes.split((tile - before, size - 2 * tile + before + behind, tile - behind), dim=-2)
    sums = (
        head.sum(-2, keepdim=True) + first,
        _added(body.unflatten(-2, (-1, tile)), -2),
        tail.sum(-2, keepdim=True) + last,
    )
    return torch.cat(sums, dim=-2)


def _added(parts: Tensor, dim: int) -> Tensor:
    """The sum over a dimension."""
    count = parts.shape[dim]
    if count > _FEW or count == 1:
        return parts.sum(dim)
    total = parts.select(dim, 0) + parts.select(dim, 1)
    for number in range(2, count):
        total += parts.select(dim, number)
    return total
