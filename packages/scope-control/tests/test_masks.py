"""Masks: white where a model shall draw."""

import pytest
import torch

from scope_control.maps.masks import border_mask, box_mask, chroma_mask, luma_mask


def flat(*color: float) -> torch.Tensor:
    return torch.tensor(color).view(1, 3, 1, 1).expand(1, 3, 4, 4)


@pytest.mark.parametrize(("gray", "expected"), [(0.2, 0.0), (0.5, 0.5), (0.8, 1.0)])
def test_luma_is_white_above_its_level(gray, expected):
    assert float(luma_mask(flat(gray, gray, gray)[:, :1], level=0.5, softness=0.2).mean()) == pytest.approx(
        expected, abs=1e-2
    )


@pytest.mark.parametrize("hue", [0.0, 1 / 3, 2 / 3])
def test_chroma_is_white_in_its_hue_and_black_in_others_and_in_gray(hue):
    colors = {0.0: flat(0.8, 0.1, 0.1), 1 / 3: flat(0.1, 0.8, 0.1), 2 / 3: flat(0.1, 0.1, 0.8)}
    for own, picture in colors.items():
        assert float(chroma_mask(picture, hue=hue, tolerance=0.4).mean()) == float(own == hue)
    for gray in (0.0, 0.5, 1.0):
        assert not chroma_mask(flat(gray, gray, gray), hue=hue, tolerance=1.0).any()


@pytest.mark.parametrize("tolerance", [0.0, 1.0])
def test_a_wider_tolerance_takes_neighbouring_hues(tolerance):
    yellow = chroma_mask(flat(0.7, 0.9, 0.1), hue=1 / 3, tolerance=tolerance)
    assert float(yellow.mean()) == tolerance


def test_a_box_has_the_share_and_the_place_it_says():
    mask = box_mask(torch.zeros(2, 3, 40, 80), 0.25, 0.75, 0.5, 0.5)
    assert mask.shape == (2, 1, 40, 80)
    assert float(mask.mean()) == 0.25
    assert float(mask[..., 20:, :40].min()) == 1.0


def test_a_border_is_equally_wide_on_all_sides():
    mask = border_mask(torch.zeros(1, 3, 40, 80), width=0.25)[0, 0]
    assert int(mask[20].sum()) == int(mask[:, 40].sum()) == 10
    assert torch.equal(mask, mask.flip(0))
    assert torch.equal(mask, mask.flip(1))


@pytest.mark.parametrize(("width", "expected"), [(0.0, 0.0), (1.0, 1.0)])
def test_a_border_reaches_from_nothing_to_everything(width, expected):
    assert float(border_mask(torch.zeros(1, 3, 40, 80), width=width).mean()) == expected
