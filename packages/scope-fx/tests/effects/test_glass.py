"""Glass: nothing far from a lens, symmetry, and waves that come back to where they were."""

import pytest
import torch

from scope_fx.effects.glass import Glass
from scope_gpu.plugin.chain import run_effect


def glass(frames, kind, **controls):
    return run_effect(
        Glass(), frames, glass=1.0, glass_kind=kind, **{f"glass_{name}": value for name, value in controls.items()}
    )


@pytest.mark.parametrize("kind", ["bulge", "pinch", "swirl"])
def test_a_lens_leaves_what_lies_beyond_its_rim(kind, picture):
    out = glass(picture, kind, size=0.0)
    torch.testing.assert_close(out[..., :20], picture[..., :20], atol=1e-4, rtol=0)
    assert (out[..., 14:22, 28:36] - picture[..., 14:22, 28:36]).abs().mean() > 0.02


def test_a_bulge_shows_the_middle_larger_and_a_pinch_smaller():
    dot = torch.zeros(1, 3, 64, 64)
    dot[..., 28:36, 28:36] = 1.0
    larger, smaller = (glass(dot, kind, size=0.5).sum() for kind in ("bulge", "pinch"))
    assert larger > 4.0 * dot.sum()
    assert smaller < 0.4 * dot.sum()


def test_a_swirl_turns_the_very_middle_by_nine_tenths():
    dot = torch.zeros(1, 3, 65, 65)
    dot[..., 32, 33] = 1.0
    out = glass(dot, "swirl", size=1.0)[0, 0]
    y, x = torch.nonzero(out == out.amax())[0] - 32
    # The picture is read at nine tenths of a turn, so that it is seen a tenth further, clockwise.
    assert x > 0
    assert y >= 0


@pytest.mark.parametrize("kind", ["ripple", "ribs"])
def test_waves_that_have_moved_by_their_length_are_where_they_were(kind, picture):
    torch.testing.assert_close(glass(picture, kind, phase=1.0), glass(picture, kind), atol=1e-3, rtol=0)


@pytest.mark.parametrize("kind", ["bulge", "pinch", "ripple"])
def test_a_symmetric_picture_stays_symmetric(kind, picture):
    half = picture[..., :32]
    out = glass(torch.cat((half, half.flip(-1)), dim=-1), kind)
    torch.testing.assert_close(out, out.flip(-1), atol=1e-3, rtol=0)


def test_ribs_show_upright_stripes_unbent():
    rows = torch.linspace(0.2, 0.8, 36)[:, None].expand(1, 3, 36, 64)
    out = glass(rows, "ribs")
    torch.testing.assert_close(out.mean(-1), rows.mean(-1), atol=0.02, rtol=0)
