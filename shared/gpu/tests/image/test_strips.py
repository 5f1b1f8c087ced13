"""Pixels moved in strips."""

import pytest
import torch

from scope_gpu.image.bands import bands
from scope_gpu.image.strips import LONG, Strips, middles, padded, places, spread


def moved(planes: torch.Tensor, across: float, down: float) -> torch.Tensor:
    height, width = planes.shape[-2:]
    columns, rows = middles(height, width, "cpu")
    at = places(columns + across, rows + down, height, width)
    strips = Strips(padded(planes), [at] * planes.shape[1])
    return torch.cat([strips.rows(band) for band in bands(height, 7)], dim=-2)


def shifted(planes: torch.Tensor, across: int, down: int) -> torch.Tensor:
    height, width = planes.shape[-2:]
    rows = (torch.arange(height) + down).clamp(0, height - 1)
    columns = (torch.arange(width) + across).clamp(0, width - 1)
    return planes[..., rows, :][..., columns]


@pytest.mark.parametrize("size", [(20, 3 * LONG), (20, 3 * LONG + 5), (3, 1)])
@pytest.mark.parametrize(("across", "down"), [(0, 0), (3, -2), (-LONG - 4, 1), (200, 100), (-200, -100)])
def test_an_even_move_is_a_shift_that_repeats_the_edge(size, across, down):
    planes = torch.rand(1, 2, *size, generator=torch.Generator().manual_seed(1)).half().float()
    assert torch.equal(moved(planes, across, down).float(), shifted(planes, across, down))


def test_a_strip_moves_to_the_nearest_whole_pixel():
    planes = torch.rand(1, 1, 8, 2 * LONG, generator=torch.Generator().manual_seed(2)).half().float()
    assert torch.equal(moved(planes, 1.4, -0.6).float(), shifted(planes, 1, -1))


def test_planes_spread_by_half_of_themselves_elsewhere():
    planes = torch.rand(1, 2, 100, 40, generator=torch.Generator().manual_seed(3))
    columns, rows = middles(100, 40, "cpu")
    at = [places(columns + step, rows, 100, 40) for step in (3, -3)]
    expected = torch.stack(
        [(planes[:, i] + shifted(planes, step, 0)[:, i]) / 2 for i, step in enumerate((3, -3))], dim=1
    )
    made = spread(padded(planes), at).float()
    torch.testing.assert_close(made, padded(expected).float(), atol=1e-3, rtol=0)
