"""The other maps: what each one shows and leaves out."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from scope_control.levels import automatic, fixed, gain, median, smoothstep, strongest
from scope_control.maps.base import REC601_LUMA, Shot, pixels
from scope_control.maps.blur import low_pass
from scope_control.maps.line_art import line_art
from scope_control.maps.mosaic import mosaic
from scope_control.maps.motion import motion
from scope_control.maps.relief import relief
from scope_control.maps.scribble import scribble
from scope_control.maps.soft_edge import soft_edge
from scope_gpu.image.blur import gaussian_blur

AUTO = automatic(0.04, 2.5, 1.0)


def disc(size: int = 64, inside: float = 0.8, outside: float = 0.2) -> Tensor:
    x = torch.arange(size) - size / 2
    within = x[None, :] ** 2 + x[:, None] ** 2 < (size / 4) ** 2
    return torch.where(within, inside, outside).expand(1, 3, size, size)


def moving(now: Tensor, before: Tensor) -> Shot:
    return Shot(now[:, :1], before[:, :1], halvings=0)


def test_soft_edges_glow_at_contours_and_not_on_flat_ground():
    found = soft_edge(disc(), blur=1.0, levels=AUTO)[0, 0]
    assert float(found[32, 14:19].max()) > 0.95
    assert float(found[32, 32]) == float(found[2, 2]) == 0.0
    assert ((found > 0.05) & (found < 0.95)).any()


@pytest.mark.parametrize("height", [180, 480])
def test_soft_edges_have_the_same_share_of_the_height_in_every_picture(height):
    picture = disc()[:, :1].repeat_interleave(height // 60, dim=-1).repeat_interleave(height // 60, dim=-2)
    row = soft_edge(picture[..., :height, :], blur=1.0, levels=fixed(0.05, 0.1))[0, 0, height // 2] > 0.5
    assert 0.01 < float(row.sum()) / 2 / height < 0.04


def test_soft_edges_prefer_a_contour_to_texture_of_equal_contrast():
    x = torch.arange(64)
    stripes = (x // 2 % 2) * 0.6 + 0.2
    picture = torch.where(x < 32, 0.2, 0.8).expand(1, 3, 256, 64).clone()
    picture[..., 128:, :] = stripes
    found = soft_edge(picture, blur=0.5, levels=fixed(0.0, 1.0))[0, 0]
    assert float(found[40, 28:36].max()) > 3 * float(found[200].max())


def test_line_art_draws_lines_in_light_and_in_shadow_alike():
    bright, dark = disc(), disc(inside=0.2, outside=0.05)
    for picture in (bright, dark):
        drawn = line_art(picture[:, :1], width=2, levels=AUTO)[0, 0]
        assert float(drawn[32, 12:20].max()) > 0.9
        assert float(drawn[32, 32]) < 0.05
        assert float(drawn[4, 4]) < 0.05


def test_line_art_draws_a_long_line_and_leaves_out_ticks_of_equal_contrast():
    picture = torch.full((1, 1, 384, 128), 0.8)
    picture[..., 40:42, 10:-10] = 0.2
    for row in range(80, 360, 16):
        picture[..., row : row + 3, 20:110:16] = 0.2
    drawn = line_art(picture, width=2, levels=fixed(0.05, 0.1))[0, 0]
    assert float(drawn[40:42, 20:-20].amax(0).min()) > 0.9
    assert float(drawn[70:].max()) < 0.5


def test_line_art_is_wider_when_asked():
    shares = [
        float(line_art(disc()[:, :1], width=width, levels=fixed(0.05, 0.1), texture=0.0).mean()) for width in (1, 4, 8)
    ]
    assert shares[0] < shares[1] < shares[2]


def test_scribbles_are_fewer_and_thicker_than_edges():
    drawn = scribble(disc(96), blur=4.0, levels=AUTO, width=6)[0, 0]
    row = drawn[48] > 0.5
    assert int((row[1:] & ~row[:-1]).sum()) == 2
    assert 5 <= int(row[:48].sum()) <= 9


@given(sigma=st.floats(0.0, 64.0), height=st.integers(1, 20), width=st.integers(1, 20))
def test_blur_keeps_flat_pictures_and_any_size(sigma, height, width):
    flat = torch.full((1, 3, height, width), 0.4)
    torch.testing.assert_close(low_pass(flat, sigma=sigma), flat)


@pytest.mark.parametrize("sigma", [4.0, 9.0, 16.0])
def test_blur_at_a_fraction_of_the_size_is_nearly_the_gaussian(sigma):
    noise = torch.rand(1, 3, 192, 200, generator=torch.Generator().manual_seed(1))
    inner = (..., slice(48, -48), slice(48, -48))
    full, fast = gaussian_blur(noise, sigma)[inner], low_pass(noise, sigma=sigma)[inner]
    assert float(fast.std()) == pytest.approx(float(full.std()), rel=0.05)
    assert float((full - fast).std()) < 0.25 * float(full.std())


def test_mosaic_squares_have_their_mean_color():
    picture = torch.rand(2, 3, 12, 20, generator=torch.Generator().manual_seed(1))
    tiled = mosaic(picture, size=4)
    torch.testing.assert_close(tiled[:, :, 4, 8], picture[:, :, 4:8, 8:12].mean(dim=(-1, -2)))
    assert torch.equal(tiled[:, :, 4:8, 8:12], tiled[:, :, 4:5, 8:9].expand(2, 3, 4, 4))


@given(height=st.integers(1, 30), width=st.integers(1, 30), size=st.integers(2, 40))
def test_mosaic_fits_any_size(height, width, size):
    assert mosaic(torch.rand(1, 3, height, width), size=size).shape == (1, 3, height, width)


def test_normals_are_unit_vectors_and_flat_faces_the_viewer(frames):
    drawn = relief(frames[:, :1], height=4.0)
    torch.testing.assert_close((2.0 * drawn - 1.0).norm(dim=1), torch.ones(4, 48, 64))
    flat = relief(torch.full((1, 1, 8, 8), 0.3), height=4.0)
    torch.testing.assert_close(flat[0, :, 4, 4], torch.tensor([0.5, 0.5, 1.0]))


def test_normals_of_a_bump_point_away_from_its_middle():
    drawn = relief(gaussian_blur(disc()[:, :1], 4.0), height=4.0)[0]
    assert float(drawn[0, 32, 48]) > 0.6
    assert float(drawn[0, 32, 16]) < 0.4
    assert float(drawn[1, 16, 32]) > 0.6
    assert float(drawn[1, 48, 32]) < 0.4


def test_motion_shows_what_changed_only():
    before, now = disc(), disc().clone()
    now[..., 5:15, 5:15] = 0.7
    found = motion(moving(now, before), blur=1.0, levels=AUTO)[0, 0]
    assert float(found[10, 10]) == 1.0
    assert float(found[40:, 40:].max()) == 0.0


def test_motion_ignores_noise_that_is_everywhere():
    noise = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(2)) * 0.05
    pair = disc() + noise
    found = motion(moving(pair[1:], pair[:1]), blur=1.4, levels=automatic(0.0, 4.0, 1.0))
    assert float(found.mean()) < 0.3
    assert float(motion(moving(pair[1:], pair[:1]), blur=1.4, levels=automatic(0.0, 0.5, 1.0)).mean()) > 0.6


@pytest.mark.parametrize(("detail", "expected"), [(0.0, 1 / 3), (0.5, 1.0), (1.0, 3.0)])
def test_detail_is_sensitivity_from_a_third_to_threefold(detail, expected):
    assert gain(detail) == pytest.approx(expected)


def test_the_median_is_each_frames_own():
    planes = torch.stack([torch.full((1, 6, 6), 0.2), torch.full((1, 6, 6), 0.7)])
    assert median(planes).flatten().tolist() == pytest.approx([0.2, 0.7])


def test_the_strongest_share_is_that_share():
    planes = torch.rand(2, 1, 300, 500, generator=torch.Generator().manual_seed(5))
    above = (planes > strongest(planes, 0.04)).float().mean(dim=(1, 2, 3))
    assert above.tolist() == pytest.approx([0.04, 0.04], abs=0.004)


def test_strong_contrasts_stay_soft_where_a_share_may_be_white_at_the_most():
    values = torch.linspace(0.0, 1.0, 10_000).view(1, 1, 100, 100)
    low, high = automatic(0.04, 0.0, 1.0, most=0.06)(values)
    assert float(high) == pytest.approx(0.94, abs=0.01)
    assert float(low / high) == pytest.approx(0.4)


@pytest.mark.parametrize("contrast", [0.05, 0.2, 1.0])
def test_automatic_levels_find_lines_in_soft_pictures_and_none_in_flat_ones(contrast):
    picture = disc(inside=0.5 + contrast / 2, outside=0.5 - contrast / 2)
    levels = automatic(0.04, 3.0, 1.0, share=0.04)
    assert float(soft_edge(picture, blur=1.0, levels=levels).max()) > 0.9
    flat = torch.full((1, 3, 64, 64), 0.5) + torch.tensor([0.0, 1 / 255]).repeat(32)
    assert float(soft_edge(flat, blur=1.0, levels=levels).max()) == 0.0


@pytest.mark.parametrize(
    ("width", "height", "expected"), [(1, 512, 1), (2, 1024, 4), (1, 256, 0.5), (9, 720, 12.65625)]
)
def test_line_widths_are_relative_to_the_height(width, height, expected):
    assert pixels(width, torch.zeros(1, 3, height, 2)) == expected


def test_gray_is_rec_601(pipeline):
    pure = (255.0 * torch.eye(3)).view(3, 1, 1, 3).unbind(0)
    drawn = pipeline(video=[pixel[None] for pixel in pure], init_cache=True, control_map="grey", control_smoothing=0.0)
    assert drawn["video"][..., 0].flatten().tolist() == pytest.approx(REC601_LUMA)


def test_motion_is_filled_between_the_sides_of_what_moves():
    before, now = disc(96), disc(96).roll(6, dims=-1)
    found = motion(moving(now, before), blur=1.0, levels=AUTO)[0, 0]
    assert float(found[48, 24:78].min()) == 1.0
    assert float(found[:12].max()) == float(found[:, :8].max()) == 0.0


@given(low=st.floats(0, 1), width=st.floats(0, 1))
def test_smoothstep_rises_from_low_to_high(low, width):
    high = low + width
    values = torch.tensor([low - 0.5, low, high + 0.001, high + 1.0])
    assert smoothstep(values, low, high).tolist() == pytest.approx([0, 0, 1, 1], abs=1e-3)
