"""Transform: where pixels go, and what lies around the picture."""

from typing import Any

import pytest
import torch
from torch.nn import functional as F

from scope_fx.effects.transform import Transform
from scope_gpu.plugin.chain import run_effect


def transform(frames, **controls):
    settings: dict[str, Any] = {"transform": 1.0, "transform_zoom": 0.0} | {
        f"transform_{name}": v for name, v in controls.items()
    }
    return run_effect(Transform(), frames, **settings)


def test_with_nothing_to_do_it_changes_nothing(picture):
    torch.testing.assert_close(transform(picture), picture, atol=1e-5, rtol=0)


def test_half_a_turn_shows_the_picture_upside_down(picture):
    torch.testing.assert_close(transform(picture, turn=0.5), picture.flip(-1, -2), atol=1e-4, rtol=0)


def test_a_quarter_turn_is_clockwise():
    square = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(transform(square, turn=0.25), square.rot90(-1, (-2, -1)), atol=1e-4, rtol=0)


def test_a_doubling_shows_the_middle_at_twice_the_size(picture):
    middle = F.interpolate(picture[..., 9:27, 16:48], (36, 64), mode="bilinear")
    out = transform(picture, zoom=1.0)
    torch.testing.assert_close(out[..., 2:-2, 2:-2], middle[..., 2:-2, 2:-2], atol=1e-4, rtol=0)


@pytest.mark.parametrize(("x", "y", "shifts"), [(0.75, 0.5, (0, 16)), (0.5, 0.25, (-9, 0))])
def test_a_repeated_picture_rolls_to_its_place(x, y, shifts, picture):
    out = transform(picture, x=x, y=y, edge="repeat")
    torch.testing.assert_close(out[..., 1:-1, 1:-1], picture.roll(shifts, (-2, -1))[..., 1:-1, 1:-1], atol=1e-4, rtol=0)


def test_edges_are_what_they_are_called(picture):
    half = {"x": 1.0}
    left = picture[..., :31]
    torch.testing.assert_close(transform(picture, edge="black", **half)[..., :31], left * 0.0, atol=1e-5, rtol=0)
    stretched = picture[..., :1].expand_as(left)
    torch.testing.assert_close(transform(picture, edge="stretch", **half)[..., :31], stretched, atol=1e-4, rtol=0)
    mirrored = picture[..., :32].flip(-1)[..., :31]
    torch.testing.assert_close(transform(picture, edge="mirror", **half)[..., :31], mirrored, atol=1e-4, rtol=0)


def test_the_amount_leads_from_the_picture_to_the_place(picture):
    torch.testing.assert_close(
        run_effect(Transform(), picture, transform=0.5, transform_zoom=1.0), transform(picture, zoom=0.5)
    )
