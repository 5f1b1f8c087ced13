"""Lines in a chosen width."""

import torch
from torch import Tensor
from torch.nn import functional as F


def thicken(lines: Tensor, width: int) -> Tensor:
    """Draw lines (T1HW in {0, 1}) with a round brush `width` pixels across; 1 leaves them as they are."""
    if width <= 1:
        return lines
    before, after = width // 2, width - 1 - width // 2
    padded = F.pad(lines, (before, after, before, after))
    drawn = torch.zeros_like(lines)
    for row, reach in enumerate(_reaches(width)):
        # A row of a disc is a run of neighbours; discs are symmetric, so that it is centred.
        run = _any_of(padded[..., row : row + lines.shape[-2], reach : padded.shape[-1] - reach], width - 2 * reach)
        drawn = torch.maximum(drawn, run)
    return drawn


def _reaches(width: int) -> list[int]:
    """For each row of a disc `width` across how many pixels it is narrower than that, on either side."""
    middle = (width - 1) / 2
    rows = [[(x - middle) ** 2 + (y - middle) ** 2 <= (width / 2) ** 2 for x in range(width)] for y in range(width)]
    return [row.index(True) for row in rows]


def _any_of(planes: Tensor, count: int) -> Tensor:
    """The highest of each `count` neighbours of a row, by maxima of 1, 2, 4, ... of them."""
    power = 1
    while 2 * power <= count:
        planes = torch.maximum(planes[..., :-power], planes[..., power:])
        power *= 2
    rest = count - power
    return torch.maximum(planes[..., : planes.shape[-1] - rest], planes[..., rest:])
