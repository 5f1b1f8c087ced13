"""Bands: the same as at once, to the bit."""

from typing import NamedTuple

import pytest
import torch

from scope_gpu.image.bands import ROWS, in_bands


class Beside(NamedTuple):
    mask: torch.Tensor
    row: torch.Tensor
    factor: float


def step(picture, beside):
    return (picture * beside.mask + beside.row) ** 2 * beside.factor


@pytest.mark.parametrize("height", [1, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS])
def test_bands_give_what_the_whole_gives(height):
    picture = torch.rand(1, 3, height, 8)
    beside = Beside(torch.rand(height, 8), torch.rand(1, 8), 0.5)
    whole = step(picture, beside)
    assert torch.equal(in_bands(step, picture, beside), whole)
    assert torch.equal(picture, whole)


def test_a_step_sees_only_its_rows():
    seen = []

    def note(band, beside):
        seen.append((band.shape[-2], beside[0].shape[-2]))
        return band

    in_bands(note, torch.zeros(3, 2 * ROWS + 8, 4), (torch.zeros(2 * ROWS + 8, 4),))
    assert seen == [(ROWS, ROWS), (ROWS, ROWS), (8, 8)]
