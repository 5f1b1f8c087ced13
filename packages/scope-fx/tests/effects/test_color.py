"""Gradient map, LUT and key: ramps, cubes and cuts."""

import itertools
import logging

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scope_fx.effects.cube import CubeError, neutral, parse_cube, read_cube, resized, tetrahedral
from scope_fx.effects.film_looks import LOOKS, look
from scope_fx.effects.gradient_map import GradientMap
from scope_fx.effects.key import Key, KeyFields
from scope_fx.effects.lut import Lut, LutFields
from scope_fx.effects.ramps import RAMPS, ramp
from scope_gpu.image.color import luma
from scope_gpu.image.oklab import srgb_to_oklab
from scope_gpu.plugin.chain import Chain, run_effect
from scope_gpu.plugin.clock import Moment


@pytest.mark.parametrize("name", RAMPS)
def test_the_lightness_of_a_ramp_grows_evenly(name):
    light = srgb_to_oklab(ramp(name)[..., None])[0, :, 0]
    even = torch.linspace(float(light[0]), float(light[-1]), light.shape[0])
    torch.testing.assert_close(light, even, atol=0.02, rtol=0)


def test_a_gradient_map_ends_at_the_ramps_colors_and_half_a_shift_turns_them_around():
    ends = torch.tensor([0.0, 1.0]).expand(1, 3, 1, 2)
    out = run_effect(GradientMap(), ends, gradient_map=1.0, gradient_map_colors="ember")
    torch.testing.assert_close(out[0, :, 0], ramp("ember")[:, [0, -1]])
    turned = run_effect(GradientMap(), ends, gradient_map=1.0, gradient_map_colors="ember", gradient_map_shift=0.5)
    torch.testing.assert_close(turned, out.flip(-1))


def colors(count: int = 240) -> torch.Tensor:
    return torch.rand(1, 3, 1, count, generator=torch.Generator().manual_seed(2))


def test_tetrahedra_give_back_a_linear_cube_exactly():
    mixing = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.0, 0.4, 0.6]])
    cube = torch.einsum("ij,jbgr->ibgr", mixing, neutral(5))
    some = torch.cat((colors(), torch.tensor([0.0, 0.25, 0.5, 1.0]).expand(1, 3, 1, 4)), dim=-1)
    torch.testing.assert_close(tetrahedral(some, cube), torch.einsum("ij,njhw->nihw", mixing, some))


def test_a_gray_stays_between_the_grays_of_a_cube():
    cube = torch.rand(3, 3, 3, 3, generator=torch.Generator().manual_seed(4))
    gray = torch.linspace(0.0, 0.5, 9).expand(1, 3, 1, 9)
    expected = torch.stack(
        [torch.lerp(cube[:, 0, 0, 0], cube[:, 1, 1, 1], share) for share in torch.linspace(0, 1, 9)], 1
    )
    torch.testing.assert_close(tetrahedral(gray, cube)[0, :, 0], expected)


@pytest.mark.parametrize("name", ["film", "noir"])
def test_the_fast_way_is_right_in_the_mean(name):
    flat = torch.tensor([0.62, 0.4, 0.3]).view(1, 3, 1, 1).expand(1, 3, 64, 64)
    fine, fast = (run_effect(Lut(), flat, lut=0.8, lut_look=name, lut_quality=quality) for quality in ("fine", "fast"))
    torch.testing.assert_close(fast.mean((2, 3)), fine.mean((2, 3)), atol=6e-3, rtol=0)


def test_no_look_is_neutral_or_like_another():
    cubes = [neutral(33), *(look(name) for name in LOOKS)]
    assert all((one - other).abs().mean() > 0.02 for one, other in itertools.combinations(cubes, 2))


NEGATIVE = ["TITLE negative", "LUT_3D_SIZE 2", "", "# red runs fastest"] + [
    f"{1 - r} {1 - g} {1 - b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)
]


def test_a_file_takes_the_place_of_the_look_and_is_read_again_when_it_changes(tmp_path, picture):
    file = tmp_path / "negative.cube"
    file.write_text("\n".join(NEGATIVE))
    chain, p = Chain([Lut()], "cpu"), LutFields(lut=1.0, lut_file=str(file))
    torch.testing.assert_close(chain(picture.clone(), p), 1.0 - picture)
    file.write_text("\n".join(["LUT_3D_SIZE 2"] + ["0.5 0.5 0.5"] * 8))
    torch.testing.assert_close(chain(picture.clone(), p), torch.full_like(picture, 0.5))


def test_a_file_that_is_no_cube_leaves_the_picture_and_is_named_once(caplog, picture, tmp_path):
    p, chain = LutFields(lut=1.0, lut_file=str(tmp_path / "absent.cube")), Chain([Lut()], "cpu")
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            torch.testing.assert_close(chain(picture.clone(), p), picture, atol=1e-6, rtol=0)
    assert caplog.text.count("'lut_file': expected a file that can be read, got 'absent.cube'") == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["LUT_1D_SIZE 4"], "expected a line LUT_3D_SIZE, got none: a 1D LUT"),
        (["LUT_3D_SIZE 900"], "expected a LUT_3D_SIZE from 2 to 128"),
        (NEGATIVE[:-1], "expected 8 lines of three numbers for a size of 2, got 7 lines"),
        ([*NEGATIVE[:-1], "1 2 secret"], "expected lines of three numbers, got one with something else in it"),
        (["DOMAIN_MAX 2 2 2", *NEGATIVE], "expected a DOMAIN_MAX of 1, got 2 2 2"),
    ],
)
def test_a_cube_that_cannot_be_read_says_why(lines, message):
    with pytest.raises(CubeError, match=message):
        parse_cube(lines)


def test_other_files_are_not_opened(tmp_path):
    (tmp_path / "notes.txt").write_text("secret")
    with pytest.raises(CubeError, match=r"expected a file named \*.cube, got 'notes.txt'"):
        read_cube(tmp_path / "notes.txt")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=12))
def test_any_text_that_is_no_cube_is_an_error_that_says_so(lines):
    with pytest.raises(CubeError, match=r"^expected"):
        parse_cube(lines)


def test_a_cube_resized_is_the_same_function():
    torch.testing.assert_close(resized(neutral(3), 9), neutral(9))


def key(frames, **controls):
    return run_effect(Key(), frames, key=1.0, key_behind="white", **{f"key_{name}": v for name, v in controls.items()})


def test_dark_and_bright_things_are_cut_out_at_their_level():
    ramp = torch.linspace(0.0, 1.0, 101).expand(1, 3, 1, 101)
    dark, bright = (key(ramp, by=by, level=0.4, softness=0.0)[0, 0, 0] for by in ("dark", "bright"))
    assert (dark[:40] == 1.0).all()
    torch.testing.assert_close(dark[41:], ramp[0, 0, 0, 41:])
    torch.testing.assert_close(bright[:60], ramp[0, 0, 0, :60])
    assert (bright[61:] == 1.0).all()


@pytest.mark.parametrize(("hue", "color"), [(1 / 3, (0.1, 0.8, 0.1)), (2 / 3, (0.1, 0.1, 0.8)), (0.0, (0.8, 0.1, 0.1))])
def test_a_color_is_cut_out_and_grays_and_other_colors_stay(hue, color):
    others = [(0.5, 0.5, 0.5), (0.9, 0.9, 0.9), color[1:] + color[:1]]
    frames = torch.tensor([color, *others]).T[None, :, None]
    out = key(frames, by="color", hue=hue, level=0.5)
    torch.testing.assert_close(out[..., 0], torch.ones(1, 3, 1))
    torch.testing.assert_close(out[..., 1:], frames[..., 1:])


def test_what_stays_loses_the_keys_color_and_keeps_its_luma():
    tinted = torch.tensor([0.5, 0.62, 0.5]).view(1, 3, 1, 1)
    out = key(tinted, by="color", level=0.2)
    assert out[0, 1] < tinted[0, 1]
    torch.testing.assert_close(luma(out), luma(tinted))


def test_an_echo_shows_what_was_there_before_and_fades():
    chain, p = Chain([Key()], "cpu"), KeyFields(key=1.0, key_softness=0.0)
    light, dark = torch.full((1, 3, 9, 16), 0.8), torch.zeros(1, 3, 9, 16)
    chain(light.clone(), p, Moment(0.0, 0))
    echoes = [chain(dark.clone(), p, Moment(step / 30, step))[0, 0, 4, 8].item() for step in (1, 2)]
    assert echoes == pytest.approx([0.8 * 0.97, 0.8 * 0.97**2], abs=1e-5)
