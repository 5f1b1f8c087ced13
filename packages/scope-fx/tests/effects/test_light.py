"""Bloom, aberration, vignette and edge glow: what light does in a lens and along contours."""

import math
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from scope_fx.effects.aberration import Aberration
from scope_fx.effects.bloom import Bloom, beyond_display, highlights
from scope_fx.effects.edge_glow import EdgeGlow
from scope_fx.effects.scales import shifted
from scope_fx.effects.vignette import Vignette
from scope_gpu.plugin.chain import run_effect


def bloom(frames, amount, threshold, radius):
    return run_effect(Bloom(), frames, bloom=amount, bloom_threshold=threshold, bloom_radius=radius)


def aberration(frames, amount, direction="outwards"):
    return run_effect(Aberration(), frames, aberration=amount, aberration_direction=direction)


def vignette(frames, amount, size):
    return run_effect(Vignette(), frames, vignette=amount, vignette_size=size)


def edge_glow(frames, amount, color, hue, background):
    controls = {"edge_glow_color": color, "edge_glow_hue": hue, "edge_glow_background": background}
    return run_effect(EdgeGlow(), frames, edge_glow=amount, **controls)


def test_bloom_spreads_from_highlights_and_reaches_only_so_far():
    night = torch.full((1, 3, 64, 1200), 0.2)
    night[..., 28:36, 28:36] = 1.0
    spill = bloom(night, 1.0, 0.7, 0.5) - night
    assert (spill >= -1e-5).all()
    assert spill[..., 32, 44].min() > 0.02
    assert spill[..., 32, 44].min() > spill[..., 32, 100].max()
    torch.testing.assert_close(spill[..., 600:], torch.zeros_like(spill[..., 600:]), atol=1e-5, rtol=0)


def test_bloom_leaves_a_picture_below_the_threshold():
    dim = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 0.6
    torch.testing.assert_close(bloom(dim, 1.0, 0.7, 0.5), dim, atol=1e-5, rtol=0)


@pytest.mark.parametrize("radius", [0.0, 0.5, 1.0])
def test_bloom_of_an_even_field_is_the_stated_formula(radius):
    field = torch.tensor([0.9, 0.8, 0.85]).view(1, 3, 1, 1).expand(1, 3, 40, 56)
    light = field * field
    strength = 0.5 * (0.6 + 8.4 * 0.6**2)
    glow = highlights(light, 0.6**2) * (1.0 + 1.5 * beyond_display(field))
    glow = glow / (1.0 + 3.0 * glow.mean())
    expected = (1.0 - (1.0 - light) * torch.exp(-strength * glow)).sqrt()
    torch.testing.assert_close(bloom(field, 0.5, 0.6, radius), expected, atol=1e-4, rtol=0)


def test_at_a_low_threshold_a_scene_is_softened_and_not_fogged():
    """Middle grays spill little, however many of them glow."""
    scene = torch.rand(1, 3, 720, 64, generator=torch.Generator().manual_seed(3)) * 0.5
    assert (bloom(scene, 1.0, 0.1, 0.7) - scene).mean() < 0.05


def test_a_larger_radius_carries_light_further():
    night = torch.zeros(1, 3, 720, 128)
    night[..., 356:364, 60:68] = 1.0
    tight, wide = (bloom(night, 1.0, 0.7, radius)[0, 0, 360] for radius in (0.0, 1.0))
    assert tight[72] > wide[72]
    assert tight[120] < wide[120]


def test_highlights_keep_their_hue_and_start_at_the_threshold():
    light = torch.tensor([0.8, 0.4, 0.2]).view(1, 3, 1, 1)
    assert highlights(light, 0.8).abs().max() == 0.0
    bright = highlights(light, 0.3)
    torch.testing.assert_close(bright / bright.amax(), light / 0.8)
    # Above the knee exactly the excess is left.
    assert bright.amax().item() == pytest.approx(0.5)
    # Within the knee it starts as a parabola.
    assert highlights(light, 0.7).amax().item() == pytest.approx(0.1**2 / 0.2)


def test_aberration_magnifies_red_most_and_leaves_the_center():
    line = torch.zeros(1, 3, 101, 201)
    line[..., 175:178] = 1.0
    places = torch.arange(201.0)
    red, green, blue = ((row * places).sum() / row.sum() for row in aberration(line, 1.0)[0, :, 50])
    assert red - 0.5 > green > blue + 0.5
    assert torch.equal(aberration(line, 1.0)[:, 1], line[:, 1])
    point = torch.zeros(1, 3, 101, 201)
    point[..., 50, 100] = 1.0
    assert torch.equal(aberration(point, 1.0)[..., 50, 100], point[..., 50, 100])


def test_a_fringe_is_a_smear_and_no_ghost():
    """An edge becomes a ramp of many small steps."""
    step = torch.zeros(1, 3, 90, 300)
    step[..., 150:] = 1.0
    red = aberration(step, 1.0, "sideways")[0, 0, 45]
    assert (red.diff() <= 1e-6).all() or (red.diff() >= -1e-6).all()
    assert red.diff().abs().max() <= 0.5
    assert 0.0 < red[150] < 1.0 or 0.0 < red[149] < 1.0


@pytest.mark.parametrize(("direction", "dim"), [("sideways", -1), ("upright", -2)])
def test_a_direction_moves_red_and_blue_opposite_ways_and_everywhere_alike(direction, dim):
    dots = torch.zeros(1, 3, 120, 120)
    dots[..., 30, 30] = dots[..., 60, 60] = dots[..., 90, 90] = 1.0
    places = torch.arange(120.0)
    red, green, blue = (plane.sum(-1 if dim == -2 else -2) @ places for plane in aberration(dots, 1.0, direction)[0])
    assert red - green == pytest.approx(green - blue, abs=4.0)
    assert red - green > 3.0
    other = aberration(dots, 1.0, direction)[0].sum(dim)
    assert torch.equal(other[0], other[1])


def test_aberration_leaves_an_even_field():
    """To half of a float of 16 bits."""
    field = torch.full((1, 3, 30, 40), 0.3)
    torch.testing.assert_close(aberration(field, 1.0), field, atol=2e-4, rtol=0)


STEP = 0.5 / 255.0


@pytest.mark.parametrize("size", [0.0, 0.4, 1.0])
def test_a_vignette_is_the_cosine_law(size):
    out = vignette(torch.ones(1, 3, 301, 301), 1.0, size)
    assert out[..., 150, 150].min() >= 1.0 - STEP
    corner = (1.0 + 1.0 / (0.5 + 1.5 * size) ** 2) ** -2
    assert out[0, 0, 0, 0].item() == pytest.approx(corner, abs=0.01)
    assert (out[0, 0, 150, 150:].diff() < 2.0 * STEP).all()


def test_half_a_vignette_takes_half_the_light():
    white = torch.ones(1, 3, 20, 20)
    half, whole = 1.0 - vignette(white, 0.5, 0.2), 1.0 - vignette(white, 1.0, 0.2)
    torch.testing.assert_close(half, 0.5 * whole, atol=2.0 * STEP, rtol=0)


def test_a_slow_fall_of_light_shows_no_bands_in_8_bits():
    """Rows of bytes change back and forth over many pixels instead of once."""
    dark = torch.full((1, 3, 200, 200), 0.2)
    row = (vignette(dark, 0.3, 1.0)[0, 0, 100, 100:] * 255.0).round()
    assert (row.diff() != 0.0).sum() > 3 * (row[0] - row[-1])
    assert torch.equal((vignette(dark, 1e-6, 1.0) * 255.0).round(), (dark * 255.0).round())


def test_edge_glow_shows_only_the_dimmed_picture_where_there_is_no_edge():
    field = torch.full((1, 3, 30, 30), 0.8)
    torch.testing.assert_close(edge_glow(field, 1.0, "spectrum", 0.0, 0.25), field * 0.25)


def test_edge_glow_lights_the_contour_and_fades_from_it():
    step = torch.zeros(1, 3, 64, 64)
    step[..., 32:] = 1.0
    glow = edge_glow(step, 1.0, "spectrum", 0.0, 0.0).amax(dim=1)[0, 32]
    assert glow[32] > 0.8
    assert glow[32] > glow[24] > glow[4]


@pytest.mark.parametrize("height", [90, 180, 360, 720])
def test_a_contour_is_equally_bright_and_wide_at_any_size(height):
    step = torch.zeros(1, 3, height, height)
    step[..., height // 2 :] = 0.4
    glow = edge_glow(step, 1.0, "picture", 0.0, 0.0).amax(dim=1)[0, height // 2]
    assert glow.max() > 0.8
    assert 0.005 < (glow > 0.4).float().mean() < 0.06


def test_faint_texture_stays_dark():
    grass = 0.5 + 0.04 * torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(4))
    assert edge_glow(grass, 1.0, "spectrum", 0.0, 0.0).mean() < 0.01


def test_edge_glow_in_the_picture_s_colors_adds_no_other():
    step = torch.zeros(1, 3, 32, 32)
    step[:, 0, :, 16:] = 1.0
    glow = edge_glow(step, 1.0, "picture", 0.0, 0.0)
    assert glow[:, 0].max() > 0.5
    assert glow[:, 1:].max() == 0.0


def test_the_spectrum_colors_lines_by_direction_and_the_hue_turns_it():
    step = torch.zeros(1, 3, 32, 32)
    step[..., 16:] = 1.0
    upright, lying = (edge_glow(s, 1.0, "spectrum", 0.0, 0.0)[0, :, 16, 16] for s in (step, step.transpose(-1, -2)))
    assert upright.argmax() == 0
    assert lying.argmax() != 0
    turned = edge_glow(step, 1.0, "spectrum", 1 / 3, 0.0)[0, :, 16, 16]
    assert turned.argmax() != 0
    assert not math.isclose(turned[0], upright[0], abs_tol=0.1)


def test_weights_of_a_wider_blur_keep_their_sum():
    assert shifted((0.5, 0.5), 0.0) == (0.5, 0.5, 0.0)
    assert shifted((0.5, 0.5), 0.5) == (0.25, 0.5, 0.25)
    assert shifted((0.5, 0.5), -1.0) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize("effect", [EdgeGlow(), Bloom()], ids=["edge glow", "bloom"])
def test_light_is_as_strong_and_wide_in_every_size(effect):
    controls: dict[str, Any] = {next(iter(effect.fields.model_fields)): 1.0}
    made = []
    for size in (180, 360, 540):
        square = torch.zeros(1, 3, size, size)
        square[..., size // 3 : -size // 3, size // 3 : -size // 3] = 0.9
        made.append(F.adaptive_avg_pool2d(run_effect(effect, square, **controls), 15))
    assert max((other - made[2]).abs().max().item() for other in made) < 0.08
