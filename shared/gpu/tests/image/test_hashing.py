"""Hashes: those of the paper, uniform, and one to a seed."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_gpu.image.hashing import dither, hash_number, hash_unit, pcg3d

UINT32 = st.integers(0, 2**32 - 1)


def pcg3d_by_the_paper(x, y, z):
    """The GLSL of the paper, with Python's integers kept to 32 bits."""
    mask = 2**32 - 1
    x, y, z = ((v * 1664525 + 1013904223) & mask for v in (x, y, z))
    x = (x + y * z) & mask
    y = (y + z * x) & mask
    z = (z + x * y) & mask
    x, y, z = x ^ (x >> 16), y ^ (y >> 16), z ^ (z >> 16)
    x = (x + y * z) & mask
    y = (y + z * x) & mask
    return x, y, (z + x * y) & mask


@given(UINT32, UINT32, UINT32)
def test_the_hash_is_that_of_the_paper(x, y, z):
    hashed = pcg3d(*(torch.tensor(v) for v in (x, y, z)))
    assert tuple(v.item() for v in hashed) == pcg3d_by_the_paper(x, y, z)


def test_hashed_noise_is_uniform_and_differs_by_seed():
    y, x = torch.meshgrid(torch.arange(256), torch.arange(256), indexing="ij")
    first, second = hash_unit(x, y, 0, seed=1), hash_unit(x, y, 0, seed=2)
    assert float(first.min()) >= 0.0
    assert float(first.max()) < 1.0
    assert float(first.mean()) == pytest.approx(0.5, abs=0.01)
    assert float(first.var()) == pytest.approx(1 / 12, abs=0.002)
    correlation = torch.corrcoef(torch.stack([first.flatten(), second.flatten()]))[0, 1]
    assert abs(float(correlation)) < 0.02


def test_a_seed_may_be_of_any_size():
    x = torch.arange(4)
    assert torch.equal(hash_unit(x, x, 0, seed=2**70 + 5), hash_unit(x, x, 0, seed=5))


@given(UINT32, UINT32, UINT32)
def test_the_hash_of_numbers_is_that_of_tensors(x, y, seed):
    third = torch.tensor(seed * 0x9E3779B1 & 0xFFFFFFFF)
    assert hash_number(x, y, seed) == pcg3d(torch.tensor(x), torch.tensor(y), third)[0].item()


def test_a_dither_leaves_whole_steps_and_breaks_up_what_lies_between():
    steps = torch.arange(256.0)[:, None] / 255.0
    noise = dither((256, 64), "cpu")
    assert torch.equal(((steps + noise) * 255.0).round(), (steps * 255.0).round().expand(256, 64))
    between = ((torch.full((256, 64), 100.5 / 255.0) + noise) * 255.0).round()
    assert between.mean().item() == pytest.approx(100.5, abs=0.02)
