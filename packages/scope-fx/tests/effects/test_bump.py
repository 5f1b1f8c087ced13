"""Bump light: slopes towards the lamp are bright, and what is flat stays."""

import math

import pytest
import torch

from scope_fx.effects.bump import Bump
from scope_gpu.plugin.chain import run_effect


def bump(frames, **controls):
    return run_effect(Bump(), frames, bump=1.0, **{f"bump_{name}": value for name, value in controls.items()})


@pytest.mark.parametrize("shine", [0.0, 1.0])
def test_a_flat_field_keeps_its_brightness(shine):
    flat = torch.full((1, 3, 30, 40), 0.6)
    torch.testing.assert_close(bump(flat, shine=shine), flat, atol=1e-4, rtol=0)


@pytest.fixture
def hill():
    """A bright, round hill in the middle, (1, 3, 61, 61)."""
    place = torch.arange(61) - 30.0
    return (0.3 + 0.4 * torch.exp(-(place[:, None] ** 2 + place**2) / 200.0)).expand(1, 3, -1, -1)


@pytest.mark.parametrize(
    ("turn", "lit", "dark"), [(0.0, (18, 30), (42, 30)), (0.25, (30, 42), (30, 18)), (0.5, (42, 30), (18, 30))]
)
def test_the_side_towards_the_lamp_is_lit(turn, lit, dark, hill):
    change = (bump(hill, turn=turn, shine=0.0) / hill)[0, 0]
    assert change[lit] > 1.05
    assert change[dark] < 0.95


def test_the_lamp_may_go_around(hill):
    above, right = bump(hill, turn=0.0), bump(hill, turn=0.25)
    torch.testing.assert_close(right, above.rot90(-1, (-2, -1)), atol=1e-4, rtol=0)


def test_a_slope_has_the_light_of_its_angle():
    """Lambert: the cosine between the normal and the way to the lamp, over that of a flat place."""
    ramp = (0.2 + torch.arange(60) * 0.01).expand(1, 3, 60, 60)
    out = bump(ramp, turn=0.75, shine=0.0, size=0.0)[0, :, 30, 30] / ramp[0, :, 30, 30]
    slope, lamp = 0.01 * 0.05 * 0.5 * 60, 0.9
    expected = (lamp + slope) / math.hypot(slope, 1.0) / lamp
    assert out.tolist() == pytest.approx([expected] * 3, abs=1e-3)


def test_shine_adds_light_only(hill):
    assert (bump(hill, shine=1.0) - bump(hill, shine=0.0) >= -1e-6).all()
