"""Comic, oil and what they are drawn with: directions, smoothing along them, ink and tones."""

import math
from typing import Any

import pytest
import torch

from scope_fx.effects.comic import Comic, contours
from scope_fx.effects.flow import along, tangents
from scope_fx.effects.oil import Oil
from scope_fx.effects.posterize import to_steps
from scope_gpu.image.warp import coordinates
from scope_gpu.plugin.chain import run_effect


def grating(turns: float) -> torch.Tensor:
    """Waves whose crests run in a direction, (1, 1, 80, 80)."""
    x, y = coordinates(80, 80, "cpu")
    across = -x * math.sin(math.tau * turns) + y * math.cos(math.tau * turns)
    return (0.5 + 0.4 * torch.sin(across * 20.0))[None, None]


@pytest.mark.parametrize("turns", [0.0, 0.08, 0.125, 0.25, 0.4])
def test_tangents_run_along_the_crests_of_waves(turns):
    x, y = tangents(grating(turns), 2.0)[0, :, 20:60, 20:60]
    cross = x * math.sin(math.tau * turns) - y * math.cos(math.tau * turns)
    assert cross.abs().max() < 0.03
    torch.testing.assert_close(torch.hypot(x, y), torch.ones(40, 40), atol=0.01, rtol=0)


def test_smoothing_along_lines_keeps_waves_and_takes_noise_away():
    waves, noise = grating(0.1), torch.rand(1, 1, 80, 80, generator=torch.Generator().manual_seed(5)) * 0.2
    inside = (..., slice(10, -10), slice(10, -10))
    smooth = along(waves + noise, tangents(waves, 2.0), 3, 1.5) - along(waves, tangents(waves, 2.0), 3, 1.5)
    assert smooth[inside].std() < 0.6 * noise.std()
    torch.testing.assert_close(along(waves, tangents(waves, 2.0), 3, 1.5)[inside], waves[inside], atol=0.03, rtol=0)


def comic(frames, **controls):
    return run_effect(Comic(), frames, comic=1.0, **{f"comic_{name}": value for name, value in controls.items()})


@pytest.mark.parametrize("levels", [2, 5])
def test_a_flat_field_takes_its_tone_without_ink(levels):
    for gray in (0.3, 0.6, 0.9):
        out = comic(torch.full((1, 3, 40, 60), gray), levels=levels, dots=0.0, ink=0.5)
        expected = to_steps(torch.tensor([[gray]]), levels - 1.0).item()
        torch.testing.assert_close(out, torch.full_like(out, expected), atol=1e-4, rtol=0)


def test_a_contour_is_inked_on_its_dark_side_and_more_ink_draws_fainter_ones():
    step = torch.where(torch.arange(60) < 30, 0.5, 0.9).expand(1, 3, 360, 60)
    assert (contours(step[:, :1])[0, 0, 180].argmin() - 29).abs() <= 1
    dark = [(comic(step, ink=ink, dots=0.0)[0, 0, 180] < 0.1).sum() for ink in (0.2, 0.5, 1.0)]
    assert 0 < dark[0] <= dark[1] < dark[2] < 8


def test_dots_darken_the_shade_and_leave_the_light():
    shade, light = (torch.full((1, 3, 90, 120), gray) for gray in (0.25, 0.9))
    assert comic(shade, ink=0.0, dots=1.0).mean() < comic(shade, ink=0.0, dots=0.0).mean()
    torch.testing.assert_close(comic(light, dots=1.0), comic(light, dots=0.0))


def oil(frames, **controls):
    # Without bristles and their light, for what is painted itself.
    settings: dict[str, Any] = {"oil_bristles": 0.0} | controls
    return run_effect(Oil(), frames, oil=1.0, **settings)


def test_paint_keeps_a_gray_and_hairs_only_ripple_it():
    flat = torch.full((1, 3, 40, 60), 0.5)
    torch.testing.assert_close(oil(flat), flat, atol=1e-5, rtol=0)
    rippled = oil(flat, oil_bristles=1.0)
    assert rippled.mean().item() == pytest.approx(0.5, abs=0.01)
    assert 0.001 < rippled.std() < 0.1


@pytest.mark.parametrize("size", [0.2, 0.8])
def test_a_stroke_ends_at_an_edge_and_calms_what_lies_beside_it(size):
    noise = torch.rand(1, 1, 60, 80, generator=torch.Generator().manual_seed(5)).expand(1, 3, -1, -1) * 0.1
    frames = noise + (torch.arange(80) >= 40) * 0.7 + 0.1
    out = oil(frames, oil_size=size)[0, 0, 15:45]
    assert out[:, 8:32].std() < 0.6 * frames[0, 0, 15:45, 8:32].std()
    assert (out[:, 42] - out[:, 37]).mean() > 0.6


def test_a_wider_brush_leaves_less_detail(picture):
    fine, wide = (oil(picture, oil_size=size) for size in (0.0, 1.0))
    assert wide.diff(dim=-1).abs().mean() < fine.diff(dim=-1).abs().mean() < picture.diff(dim=-1).abs().mean()
