"""Tile and Droste: where copies lie, and that they lead into one another."""

from typing import Any

import pytest
import torch
from torch.nn import functional as F

from scope_fx.effects.droste import Droste, DrosteFields
from scope_fx.effects.tile import Tile
from scope_gpu.image.blur import shrink
from scope_gpu.plugin.chain import Chain, run_effect
from scope_gpu.plugin.clock import Moment


@pytest.fixture
def smooth():
    """Slow waves in three colors, (1, 3, 48, 64)."""
    y, x = torch.arange(48)[:, None] / 48, torch.arange(64)[None] / 64
    return torch.stack([0.5 + 0.4 * torch.sin(3.0 * (x * a + y * b) + a) for a, b in ((1, 0), (0.3, 1), (-1, 0.5))])[
        None
    ]


def tile(frames, **controls):
    # A third of three doublings: two copies side by side.
    return run_effect(Tile(), frames, tile=1 / 3, **{f"tile_{name}": value for name, value in controls.items()})


def test_a_little_of_it_is_nearly_the_picture(smooth):
    torch.testing.assert_close(run_effect(Tile(), smooth, tile=1e-4), smooth, atol=0.02, rtol=0)


def test_plain_copies_are_the_picture_made_smaller(smooth):
    small = shrink(smooth)
    wall = small.roll((12, 16), (-2, -1)).repeat(1, 1, 2, 2)
    torch.testing.assert_close(tile(smooth, kind="plain"), wall, atol=0.03, rtol=0)


def test_mirrored_copies_meet_without_a_seam(smooth):
    out = tile(smooth, kind="mirror")
    torch.testing.assert_close(out[..., :12, :], out[..., 12:24, :].flip(-2), atol=1e-4, rtol=0)
    torch.testing.assert_close(out[..., :16], out[..., 16:32].flip(-1), atol=1e-4, rtol=0)


def test_bricks_lie_half_a_copy_apart_and_rows_slide_around(smooth):
    plain, bricks, slid = (
        tile(smooth, kind=kind, shift=shift) for kind, shift in (("plain", 0), ("bricks", 0), ("plain", 1))
    )
    torch.testing.assert_close(bricks[..., 13:35, :], plain[..., 13:35, :])
    torch.testing.assert_close(bricks[..., :11, 16:48], plain[..., :11, :32], atol=1e-4, rtol=0)
    torch.testing.assert_close(slid, plain, atol=1e-4, rtol=0)


def droste(frames, **controls):
    still: dict[str, Any] = {"rate": 0.0} | controls
    return run_effect(Droste(), frames, droste=1.0, **{f"droste_{name}": value for name, value in still.items()})


@pytest.mark.parametrize("twist", [-2, 0, 1])
def test_a_zoom_by_one_picture_leads_back_to_the_same(twist, smooth):
    torch.testing.assert_close(droste(smooth, twist=twist, zoom=1.0), droste(smooth, twist=twist), atol=1e-3, rtol=0)


def test_straight_the_picture_lies_in_its_own_middle(smooth):
    """At half the size: between its rim, where it is dark, and its own inner copy."""
    out = droste(smooth, twist=0, size=0.5)
    small = F.interpolate(smooth, (24, 32), mode="bilinear", antialias=True)
    torch.testing.assert_close(out[..., 15:17, 28:36], small[..., 3:5, 12:20], atol=0.03, rtol=0)
    torch.testing.assert_close(out[..., 4:6, 8:56], smooth[..., 4:6, 8:56], atol=0.02, rtol=0)


def test_it_moves_on_with_time_and_begins_anew_after_a_reset(smooth):
    chain, p = Chain([Droste()], "cpu"), DrosteFields(droste=1.0, droste_rate=1.0)
    frames = [chain(smooth.clone(), p, Moment(step / 10, step)) for step in range(3)]
    assert not torch.equal(frames[0], frames[1])
    chain.reset()
    assert torch.equal(chain(smooth.clone(), p, Moment(0.0, 0)), frames[0])


def test_it_opens_from_the_center(smooth):
    out = run_effect(Droste(), smooth, droste=0.4)
    assert torch.equal(out[..., :3, :], smooth[..., :3, :])
    assert not torch.allclose(out[..., 20:28, 28:36], smooth[..., 20:28, 28:36], atol=0.02)
