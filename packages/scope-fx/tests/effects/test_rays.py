"""Light rays: away from the source, and no fog."""

import pytest
import torch

from scope_fx.effects.rays import Rays
from scope_gpu.plugin.chain import run_effect


def rays(frames, **controls):
    return run_effect(Rays(), frames, rays=1.0, **{f"rays_{name}": value for name, value in controls.items()})


@pytest.fixture
def lamp():
    frames = torch.full((1, 3, 64, 96), 0.05)
    frames[..., 28:36, 44:52] = 1.0
    return frames


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.5), (1.0, 0.5), (0.5, 0.0), (0.5, 1.0)])
def test_light_streaks_away_from_the_source_only(x, y, lamp):
    added = (rays(lamp, x=x, y=y) - lamp)[0, 0]
    rows, columns = added[:22].sum() - added[42:].sum(), added[:, :38].sum() - added[:, 58:].sum()
    assert rows * (y - 0.5) >= 0.0
    assert columns * (x - 0.5) >= 0.0
    assert max(rows.abs(), columns.abs()) > 10.0


def test_it_adds_light_and_takes_none_away(picture):
    assert (rays(picture, threshold=0.2) - picture >= -1e-5).all()


def test_a_longer_length_reaches_farther(lamp):
    far = [(rays(lamp, x=0.0, y=0.5, length=length) - lamp)[0, 0, 30:34, 75:].mean() for length in (0.2, 0.6, 1.0)]
    assert far[0] < far[1] < far[2]


def test_a_picture_without_highlights_stays_as_it_is():
    dim = torch.full((1, 3, 40, 60), 0.3)
    torch.testing.assert_close(rays(dim, threshold=0.6), dim)
