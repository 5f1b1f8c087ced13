"""Pictures in tiles: the mean of each, and back to the picture's size."""

from torch import Tensor
from torch.nn import functional as F


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


def means(planes: Tensor, height: int, width: int) -> Tensor:
    """One pixel a tile of TCHW, which tiles of that height and width fill."""
    t, channels, rows, columns = planes.shape
    # First over rows: on CPUs far faster than both at once.
    summed = planes.view(t, channels, rows // height, height, columns).sum(dim=3)
    return summed.view(t, channels, rows // height, columns // width, width).sum(dim=-1) / (height * width)


def spread(values: Tensor, height: int, width: int) -> Tensor:
    """Each pixel of TCHW as a tile of one color."""
    t, channels, rows, columns = values.shape
    wide = values[:, :, :, None, :, None].expand(t, channels, rows, height, columns, width)
    return wide.reshape(t, channels, rows * height, columns * width)
