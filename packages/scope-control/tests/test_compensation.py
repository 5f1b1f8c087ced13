"""Blocks that follow the picture."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from scope_control.compensation import GAUGE, SIDE, places, taken_from, vectors
from scope_control.steady import calm, steady
from scope_gpu.image.blur import gaussian_blur, shrink


def texture(height: int = 192, width: int = 320) -> Tensor:
    noise = torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(5)) - 0.5
    return 0.5 + 2.0 * gaussian_blur(noise, 2.0) + 8.0 * gaussian_blur(noise, 8.0)


def pan(step: int) -> Tensor:
    return texture()[..., step : step + 256].clone()


def test_a_pan_moves_the_blocks_by_its_pixels():
    moved = vectors(shrink(pan(0), GAUGE), shrink(pan(4), GAUGE))
    assert moved.shape == (1, 2, 192 // SIDE, 256 // SIDE)
    # Beside the edge there is less to see.
    inner = moved[..., 2:-2, 2:-2]
    assert float((inner[:, 0] - 4.0).abs().median()) < 0.5
    assert float(inner[:, 1].abs().median()) < 0.5


def test_a_picture_moved_along_is_the_next_one():
    steps = torch.tensor([4.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, 12, 16)
    moved = taken_from(pan(4), places(steps, 192, 256))
    assert torch.equal(moved[..., SIDE:], pan(0)[..., SIDE:])


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    x=st.floats(-90, 90),
    y=st.floats(-90, 90),
    halvings=st.integers(0, 3),
)
def test_every_pixel_comes_from_within_the_picture(height, width, x, y, halvings):
    side = SIDE >> halvings
    steps = torch.tensor([x, y]).view(1, 2, 1, 1).expand(1, 2, -(-height // side), -(-width // side))
    picture = torch.arange(float(height * width)).view(1, 1, height, width)
    taken = taken_from(picture, places(steps, height, width, halvings))
    assert 0 <= int(taken.min()) <= int(taken.max()) < height * width
    still = taken_from(picture, places(torch.zeros_like(steps), height, width, halvings))
    assert torch.equal(still, picture)


@pytest.mark.parametrize(("speed", "left"), [(0, 0.6), (4, 0.85)])
def test_noise_is_averaged_at_rest_and_along_a_movement(speed, left):
    seeded = torch.Generator().manual_seed(2)
    clean = [pan(speed * index) for index in range(8)]
    noisy = torch.cat([frame + 0.02 * torch.randn(frame.shape, generator=seeded) for frame in clean])
    calmed, _ = calm(noisy.clone(), None, strength=1.0)
    inner = (slice(None), slice(16, -16), slice(16, -48))
    error, before = ((film[-1] - clean[-1][0])[inner].std() for film in (calmed, noisy))
    assert float(error) < left * float(before)


def test_a_map_goes_with_its_picture():
    frames = torch.cat([pan(0), pan(4)])
    line = torch.zeros(2, 1, 192, 256)
    line[0, ..., 64], line[1, ..., 60] = 1.0, 1.0
    _, steps = calm(frames, None, strength=1.0)
    result = steady(line, None, steps)[1, 0, 16:-16]
    assert float(result[:, 60].median()) > 0.9
    assert float(result[:, 64].max()) < 0.1
