"""Pixel sort, VHS and CRT: what they keep, and what they do to a known signal."""

from typing import Any

import pytest
import torch

from scope_fx.effects.crt import Crt
from scope_fx.effects.pixel_sort import PixelSort, order_of
from scope_fx.effects.vhs import Vhs, switching
from scope_gpu.image.color import luma
from scope_gpu.plugin.chain import run_effect

NOISE = torch.rand(1, 3, 24, 32, generator=torch.Generator().manual_seed(5))


def test_stretches_are_sorted_and_stay_where_they_are():
    line = torch.tensor([[0.9, 0.1, 0.5, 0.3, 0.8, 0.2]])
    begins = torch.tensor([[True, False, True, False, False, True]])
    assert order_of(line, begins, backwards=False).tolist() == [[1, 0, 3, 2, 4, 5]]
    assert order_of(line, begins, backwards=True).tolist() == [[0, 1, 4, 2, 3, 5]]


def test_a_line_too_long_for_32_bits_is_sorted_as_well():
    line = torch.rand(1, 5000, generator=torch.Generator().manual_seed(1))
    begins = torch.zeros(1, 5000, dtype=torch.bool)
    order = order_of(line, begins, backwards=False)[0]
    assert (line[0, order].diff() > -1 / 255).all()
    assert torch.equal(order.sort().values, torch.arange(5000, dtype=torch.int32))


@pytest.mark.parametrize(
    ("direction", "dim", "sign"), [("down", 2, 1), ("up", 2, -1), ("right", 3, 1), ("left", 3, -1)]
)
def test_a_bright_picture_is_sorted_all_along_its_lines(direction, dim, sign):
    made = run_effect(
        PixelSort(), NOISE, pixel_sort=1.0, pixel_sort_threshold=0.0, pixel_sort_direction=direction, seed=2
    )
    steps = luma(made).diff(dim=dim) * sign
    # Each line is cut once or twice.
    assert (steps > -1 / 250).float().mean() > 0.9
    assert torch.equal(made.flatten().sort().values, NOISE.flatten().sort().values)


def test_what_is_darker_than_the_threshold_stays():
    made = run_effect(PixelSort(), NOISE, pixel_sort=1.0, pixel_sort_threshold=0.6)
    dark = (luma(NOISE) < 0.6).expand_as(NOISE)
    assert torch.equal(made[dark], NOISE[dark])
    assert not torch.equal(made, NOISE)


def test_a_tube_keeps_the_light_of_an_even_picture():
    gray = torch.full((1, 3, 90, 120), 0.5)
    made = run_effect(Crt(), gray, crt=1.0, crt_size=2.0, crt_mask=1.0, crt_bulge=0.0)
    light = made.square().mean((0, 2, 3))
    assert light.tolist() == pytest.approx([0.25] * 3, rel=0.12)
    assert made.std() > 0.1


def test_bright_lines_are_wider_than_dark_ones():
    def depth(value: float) -> float:
        made = run_effect(Crt(), torch.full((1, 3, 90, 120), value), crt=1.0, crt_mask=0.0, crt_bulge=0.0)
        return ((made.amax() - made.amin()) / made.amax()).item()

    assert depth(0.3) > 2.0 * depth(0.9)


def test_a_bulging_tube_is_dark_in_the_corners_and_symmetric():
    made = run_effect(Crt(), torch.full((1, 3, 60, 90), 0.8), crt=1.0, crt_mask=0.0, crt_bulge=1.0)
    assert made[0, :, 0, 0].max() == 0.0
    torch.testing.assert_close(made, made.flip(-1), atol=1e-5, rtol=0)


QUIET: dict[str, Any] = {"vhs": 1.0, "vhs_tracking": 0.0, "vhs_noise": 0.0}


def test_tape_smears_color_to_the_right_and_leaves_gray_alone():
    gray = torch.full((1, 3, 8, 720), 0.5)
    torch.testing.assert_close(run_effect(Vhs(), gray, **QUIET), gray, atol=1e-5, rtol=0)
    red = gray.clone()
    red[..., 360:] = torch.tensor([0.9, 0.4, 0.4]).view(3, 1, 1)
    made = run_effect(Vhs(), red, vhs_smear=1.0, **QUIET)
    color = (made[0, 0] - luma(made)[0, 0])[4]
    assert color[300:340].abs().max() < 0.01
    assert color[380] < 0.8 * color[600]


def test_lines_are_torn_only_where_heads_are_switched():
    place = torch.tensor([0.0, 0.5, 0.977, 1.0])
    assert switching(place).tolist() == pytest.approx([0.0, 0.0, 0.0, 1.0], abs=0.05)
    bars = (torch.arange(160) // 8 % 2).float().expand(1, 3, 90, 160)
    calm = run_effect(Vhs(), bars, **QUIET)
    tearing: dict[str, Any] = {**QUIET, "vhs_tracking": 1.0}
    torn = run_effect(Vhs(), bars, **tearing)
    far = (torn - calm).abs().mean((0, 1, 3))
    assert far[-1] > 4.0 * far[20:60].mean()
