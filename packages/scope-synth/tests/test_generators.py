"""Every generator and every layout: sound at all sizes and settings, steady in motion."""

import pytest
import torch

from scope_synth.generators import GENERATORS
from scope_synth.generators.base import Scene, SharedFields
from scope_synth.splat import Points, splat
from scope_synth.typography.layouts import LAYOUTS
from scope_synth.typography.lettering import Lettering
from scope_synth.view import Field, View

CPU = torch.device("cpu")
BY_NAME = {entry.name: entry for entry in GENERATORS if entry.name != "type"}
SOURCES = [*BY_NAME, *LAYOUTS]


def draw(name, phase=1.3, *, size=(36, 52), scale=1.0, seed=7, detail=0.5, warp=0.5, device=CPU):
    """Hue and light, stacked: 2HW."""
    view = View(*size, scale, device)
    scene = Scene(view, phase, seed, "two words", Lettering("", device))
    if name in BY_NAME:
        field = BY_NAME[name].draw(scene, SharedFields(synth_detail=detail, synth_warp=warp), {})
    else:
        field = LAYOUTS[name](view, phase, seed, scene.text, scene.lettering, detail, warp)
    return torch.stack(torch.broadcast_tensors(field.hue, field.light))


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("size", [(16, 16), (17, 64), (65, 16)])
@pytest.mark.parametrize("phase", [0.0, -3.7, 1e6])
def test_a_field_has_the_size_of_the_frame_and_only_numbers(name, size, phase):
    for detail, warp, scale in [(0.0, 0.0, 0.25), (1.0, 1.0, 4.0), (0.3, 1.0, 0.25)]:
        field = draw(name, phase, size=size, detail=detail, warp=warp, scale=scale)
        assert field.shape == (2, *size)
        assert torch.isfinite(field).all()


@pytest.mark.parametrize("name", SOURCES)
def test_a_field_has_light_and_shade(name):
    light = draw(name, size=(64, 96))[1].clamp(0.0, 1.0)
    assert float(light.std()) > 0.08
    assert 0.04 < float(light.mean()) < 0.9


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("change", [{"phase": 2.1}, {"seed": 8}, {"detail": 1.0}, {"warp": 1.0}, {"scale": 0.5}])
def test_time_seed_detail_warp_and_scale_all_change_the_field(name, change):
    assert float((draw(name) - draw(name, **change)).abs().mean()) > 1e-3


@pytest.mark.parametrize("name", SOURCES)
def test_the_same_arguments_give_the_same_field(name):
    assert torch.equal(draw(name), draw(name))


@pytest.mark.parametrize("name", [name for name in SOURCES if name != "words"])
def test_motion_is_steady_also_after_hours(name):
    """A step of a millisecond moves little wherever it falls: no jump where an angle or a row starts again."""

    def step(phase):
        return (draw(name, phase + 0.001)[1] - draw(name, phase)[1]).abs().mean()

    steps = torch.stack([step(phase) for phase in (*torch.linspace(0.0, 200.0, 15).tolist(), 36000.5, 360000.5)])
    assert float(steps.median()) > 1e-7
    assert float(steps.max()) < 30.0 * float(steps.median()) + 1e-3


def test_words_follow_one_another_and_start_again():
    first, second, third = (draw("words", phase / 1.3, warp=0.0)[1] for phase in (0.6, 1.6, 2.6))
    assert float((first - second).abs().mean()) > 0.05
    torch.testing.assert_close(first, third, atol=1e-4, rtol=0)


def test_a_julia_set_is_symmetric_about_its_middle():
    for size in ((40, 56), (41, 57)):
        light = draw("fractal", size=size)[1]
        torch.testing.assert_close(light, light.flip((0, 1)), atol=1e-5, rtol=0)


def test_cells_are_lit_inside_and_dark_between():
    light = draw("cells", size=(120, 120), detail=0.0, warp=0.0)[1]
    assert float(light.min()) < 0.2
    assert float(light.median()) > 0.6


def test_warp_zero_leaves_noise_unbent_and_the_tunnel_straight():
    straight = draw("tunnel", size=(65, 65), warp=0.0)[1]
    assert float(straight[32, 32]) == float(straight[30:35, 30:35].max())
    ring = draw("tunnel", size=(65, 65), warp=1.0)[1]
    assert float((straight - ring).abs().mean()) > 0.02


def test_a_point_of_light_is_a_gaussian_about_its_place():
    view = View(9, 9, 1.0, CPU)
    dark = Field(torch.zeros(9, 9), torch.zeros(9, 9))
    one = torch.ones(1)
    lit = splat(Points(0 * one, 0 * one, 0.3 * one, 0.8 * one, one), view, dark)
    x = torch.arange(-4.0, 5.0)
    expected = 0.8 * torch.exp((x.square() + x[:, None].square()) / -2.0)
    torch.testing.assert_close(lit.light[1:8, 1:8], expected[1:8, 1:8])
    assert float(lit.hue[4, 4]) == pytest.approx(0.3)


def test_points_outside_the_frame_leave_it_as_it_is():
    view = View(9, 9, 1.0, CPU)
    ground = Field(torch.full((9, 9), 0.25), torch.full((9, 9), 0.5))
    away = torch.tensor([-40.0, 40.0, 3e30])
    field = splat(Points(away, away, away * 0, away * 0 + 1, away * 0 + 1), view, ground)
    assert torch.equal(field.light, ground.light)
    assert torch.equal(field.hue, ground.hue)


def test_lines_of_truchet_tiles_go_on_across_their_edges():
    view = View(300, 300, 1.0, CPU)
    steps = draw("truchet", size=(300, 300), detail=0.0, warp=0.0)[1].diff(dim=1).abs().amax(0)
    edges = view.spans(2.2)[0].positions(CPU).floor().diff() > 0
    assert float(steps[edges].max()) <= float(steps[~edges].max())


@pytest.mark.gpu
@pytest.mark.parametrize("name", SOURCES)
def test_a_gpu_gives_the_field_of_the_cpu(name):
    """Within 2 % on average: single pixels at the edges of cells and fractals may fall to the other side."""
    difference = draw(name, size=(90, 160)) - draw(name, size=(90, 160), device=torch.device("cuda")).cpu()
    assert float(difference.abs().mean()) < 0.02
    assert float(difference.abs().median()) < 1e-3
