"""Canny as a whole: what the method promises."""

import cv2
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from scope_control.levels import automatic, fixed
from scope_control.maps.canny import canny

LEVELS = fixed(0.1, 0.2)


def square(size: int = 40, contrast: float = 1.0) -> Tensor:
    picture = torch.full((1, 3, size, size), 0.5 - contrast / 2)
    picture[..., 10:30, 12:28] = 0.5 + contrast / 2
    return picture


def edges(picture: Tensor, levels=LEVELS, blur: float = 1.4, width: int = 1) -> Tensor:
    return canny(picture, blur=blur, levels=levels, width=width)


def test_edges_are_zero_or_one_and_one_channel(frames):
    found = edges(frames)
    assert found.shape == (4, 1, 48, 64)
    assert set(found.unique().tolist()) == {0.0, 1.0}


def test_a_square_has_a_closed_outline_one_pixel_wide_where_it_stands():
    found = edges(square())[0, 0]
    rows, columns = found[20].nonzero().flatten().tolist(), found[:, 20].nonzero().flatten().tolist()
    assert len(rows) == len(columns) == 2
    assert rows[0] in (11, 12)
    assert rows[1] in (27, 28)
    assert columns[0] in (9, 10)
    assert columns[1] in (29, 30)
    # Closed: nothing leaks from the middle to the corner when lines block the way in four directions.
    inside = torch.zeros_like(found, dtype=torch.bool)
    inside[20, 20] = True
    free = found == 0
    for _ in range(200):
        grown = inside.clone()
        grown[1:] |= inside[:-1]
        grown[:-1] |= inside[1:]
        grown[:, 1:] |= inside[:, :-1]
        grown[:, :-1] |= inside[:, 1:]
        inside = grown & free
    assert not inside[0, 0]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("low", "high"), [(100, 200), (30, 400), (0, 0)])
def test_without_a_blur_it_is_opencv_pixel_for_pixel(film, channels, low, high):
    picture = film(1, height=120, width=161)[0][0, ..., :channels].contiguous()
    planes = picture.permute(2, 0, 1)[None] / 255.0
    found = canny(planes, blur=0.0, levels=fixed(low / 1020, high / 1020), width=1)
    expected = torch.from_numpy(cv2.Canny(picture.numpy(), low, high) / 255.0)
    assert torch.equal(found[0, 0], expected.to(torch.float32))


def test_flat_pictures_of_any_level_have_no_edges():
    for value in (0.0, 0.3, 1.0):
        assert edges(torch.full((1, 3, 20, 20), value), levels=automatic(0.04, 2.5, 4.0)).sum() == 0
        assert edges(torch.full((1, 3, 20, 20), value), levels=fixed(0.0, 0.0)).sum() == 0


def test_a_long_ramp_has_no_edges_inside():
    ramp = torch.linspace(0, 1, 64).expand(1, 3, 20, 64)
    assert edges(ramp)[..., 4:-4].sum() == 0


def test_contrast_below_the_high_threshold_draws_nothing_unless_it_hangs_on_a_strong_edge():
    assert edges(square(contrast=0.25)).sum() == 0
    fading = square()
    fading[..., 10:30, 12:28] = torch.linspace(0.2, 1.0, 20)[:, None]
    whole = edges(fading)[0, 0]
    strong_only = edges(fading, levels=fixed(0.2, 0.2))[0, 0]
    assert whole.sum() > strong_only.sum() > 0
    assert ((strong_only == 1) <= (whole == 1)).all()


@given(low=st.floats(0.02, 0.3), high=st.floats(0.02, 0.3), seed=st.integers(0, 1000))
def test_raising_a_threshold_never_adds_an_edge(low, high, seed):
    picture = torch.rand(1, 3, 24, 24, generator=torch.Generator().manual_seed(seed))
    low, high = min(low, high), max(low, high)
    base = edges(picture, levels=fixed(low, high), blur=1.0) == 1
    assert ((edges(picture, levels=fixed(low, high + 0.05), blur=1.0) == 1) <= base).all()
    assert ((edges(picture, levels=fixed(min(low + 0.05, high), high), blur=1.0) == 1) <= base).all()


def test_an_edge_between_colors_of_one_luma_is_seen():
    picture = torch.zeros(1, 3, 24, 24)
    picture[:, 0, :, :12] = 0.5
    picture[:, 1, :, 12:] = 0.5 * 0.2126 / 0.7152
    picture[:, 1, :, :12] = 0.0
    column = edges(picture)[0, 0, 4:-4]
    assert (column.sum(dim=-1) == 1).all()


def test_noise_is_removed_by_the_gaussian_and_by_automatic_thresholds():
    noise = 0.5 + 0.05 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(3))
    assert edges(noise, blur=0.0).mean() > 5 * edges(noise, blur=3.0).mean()
    assert edges(noise, levels=automatic(0.0, 2.5, 1.0)).mean() < edges(noise, levels=automatic(0.0, 1.0, 1.0)).mean()


def test_more_detail_draws_more(frames):
    amounts = [float(edges(frames, levels=automatic(0.04, 2.5, gain)).sum()) for gain in (0.25, 1.0, 4.0)]
    assert amounts[0] < amounts[1] < amounts[2]


def test_each_frame_has_thresholds_of_its_own(frames):
    levels = automatic(0.04, 2.5, 1.0)
    mixed = torch.cat([frames[:1], frames[:1] * 0.2])
    assert torch.equal(edges(mixed, levels), torch.cat([edges(mixed[:1], levels), edges(mixed[1:], levels)]))
