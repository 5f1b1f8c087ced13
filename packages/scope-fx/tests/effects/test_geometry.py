"""Mirror and kaleidoscope: the symmetries they promise."""

import pytest
import torch

from scope_fx.effects.kaleidoscope import Kaleidoscope
from scope_fx.effects.mirror import Mirror
from scope_gpu.plugin.chain import run_effect


def mirror(frames, kept):
    return run_effect(Mirror(), frames, mirror=kept)


def kaleidoscope(frames, amount, segments, turn, zoom):
    controls = {"kaleidoscope_segments": segments, "kaleidoscope_turn": turn, "kaleidoscope_zoom": zoom}
    return run_effect(Kaleidoscope(), frames, kaleidoscope=amount, **controls)


@pytest.mark.parametrize("size", [(6, 8), (7, 9), (1, 1)])
@pytest.mark.parametrize(("kept", "dims"), [("left", [-1]), ("right", [-1]), ("top", [-2]), ("bottom", [-2])])
def test_mirrored_pictures_equal_their_reflection(size, kept, dims):
    frames = torch.rand(1, 3, *size)
    out = mirror(frames, kept)
    assert torch.equal(out, out.flip(dims))
    (dim,) = dims
    half = (size[dim] + 1) // 2
    start = 0 if kept in ("left", "top") else size[dim] - half
    assert torch.equal(out.narrow(dim, start, half), frames.narrow(dim, start, half))


def test_quarters_reflect_the_top_left_both_ways():
    frames = torch.rand(1, 3, 6, 8)
    out = mirror(frames, "quarters")
    assert torch.equal(out, out.flip(-1))
    assert torch.equal(out, out.flip(-2))
    assert torch.equal(out[..., :3, :4], frames[..., :3, :4])


@pytest.mark.parametrize("turn", [0.0, 0.37])
def test_four_segments_look_the_same_after_a_quarter_turn(turn, picture):
    out = kaleidoscope(picture[..., :36], 1.0, 4, turn, 0.3)
    torch.testing.assert_close(out, out.rot90(1, (-2, -1)), atol=2e-3, rtol=0)


@pytest.mark.parametrize("segments", [2, 3, 6, 7, 16])
def test_any_number_of_segments_is_symmetric_left_and_right(segments, picture):
    out = kaleidoscope(picture, 1.0, segments, 0.2, 0.0)
    torch.testing.assert_close(out, out.flip(-1), atol=2e-3, rtol=0)


def test_the_upward_wedge_shows_the_picture_itself():
    """Right of the vertical, within half a wedge, nothing is folded."""
    frames = torch.rand(1, 3, 60, 60, generator=torch.Generator().manual_seed(2))
    out = kaleidoscope(frames, 1.0, 4, 0.0, 0.0)
    torch.testing.assert_close(out[..., :20, 30:36], frames[..., :20, 30:36], atol=1e-3, rtol=0)


def test_half_way_the_pattern_fills_a_disc_around_the_center(picture):
    half, whole = kaleidoscope(picture, 0.5, 6, 0.2, 0.0), kaleidoscope(picture, 1.0, 6, 0.2, 0.0)
    assert torch.equal(half[..., 16:20, 30:34], whole[..., 16:20, 30:34])
    for row, column in [(0, 0), (0, -1), (-1, 0), (-1, -1)]:
        assert torch.equal(half[..., row, column], picture[..., row, column])


def test_amounts_near_one_end_in_the_full_pattern(picture):
    near, whole = kaleidoscope(picture, 1.0 - 1e-7, 6, 0.2, 0.0), kaleidoscope(picture, 1.0, 6, 0.2, 0.0)
    torch.testing.assert_close(near, whole, atol=1e-4, rtol=0)


def test_one_doubling_of_zoom_shows_the_middle_half():
    x = torch.linspace(-1.0, 1.0, 61)
    ramp = (x.abs()[None, :] * 0.2 + x.abs()[:, None] * 0.8).expand(1, 3, 61, 61)
    wide, near = kaleidoscope(ramp, 1.0, 4, 0.0, 0.0), kaleidoscope(ramp, 1.0, 4, 0.0, 1.0)
    torch.testing.assert_close(near[..., 0, 30], wide[..., 15, 30], atol=1e-3, rtol=0)
