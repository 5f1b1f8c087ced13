"""Coordinates and sampling."""

import pytest
import torch

from scope_gpu.image.warp import coordinates, grid, mix_in, nearest, pick, read, rotate, sample

PICTURE = torch.rand(2, 3, 6, 10, generator=torch.Generator().manual_seed(1))


def test_coordinates_are_centred_square_and_lie_in_pixel_centres():
    x, y = coordinates(4, 8, "cpu")
    assert y.flatten().tolist() == pytest.approx([-0.75, -0.25, 0.25, 0.75])
    assert x.flatten().tolist() == pytest.approx([-1.75, -1.25, -0.75, -0.25, 0.25, 0.75, 1.25, 1.75])
    assert (x.shape, y.shape) == ((1, 8), (4, 1))


def test_sampling_at_its_own_coordinates_gives_the_picture():
    torch.testing.assert_close(sample(PICTURE, *coordinates(6, 10, "cpu")), PICTURE, atol=1e-5, rtol=0)


def test_a_step_of_a_pixel_moves_the_picture():
    x, y = coordinates(6, 10, "cpu")
    torch.testing.assert_close(sample(PICTURE, x + 2 / 6, y)[..., :-1], PICTURE[..., 1:], atol=1e-5, rtol=0)
    torch.testing.assert_close(sample(PICTURE, x, y + 2 / 6)[..., :-1, :], PICTURE[..., 1:, :], atol=1e-5, rtol=0)


@pytest.mark.parametrize(("outside", "expected"), [("reflection", [0, 1]), ("border", [0, 0])])
def test_beyond_the_edge_lies_the_mirrored_picture_or_its_edge(outside, expected):
    x, y = coordinates(6, 10, "cpu")
    columns = sample(PICTURE, x - 4 / 6, y, outside=outside)[..., :2]
    torch.testing.assert_close(columns, PICTURE[..., expected].flip(-1), atol=1e-5, rtol=0)


def test_a_quarter_turn_is_clockwise_on_the_screen():
    x, y = rotate(torch.tensor(1.0), torch.tensor(0.0), 0.25)
    assert (x.item(), y.item()) == pytest.approx((0.0, 1.0), abs=1e-6)


def test_a_whole_turn_and_the_way_back_change_nothing():
    x, y = coordinates(6, 10, "cpu")
    for there in (rotate(x, y, 1.0), rotate(*rotate(x, y, 0.3), -0.3)):
        torch.testing.assert_close(there, tuple(torch.broadcast_tensors(x, y)), atol=1e-5, rtol=0)


def test_a_square_rotated_by_a_quarter_is_rot90():
    square = PICTURE[..., :6]
    turned = sample(square, *rotate(*coordinates(6, 6, "cpu"), 0.25))
    torch.testing.assert_close(turned, square.rot90(1, (-2, -1)), atol=1e-5, rtol=0)


@pytest.mark.parametrize("columns", [slice(0), slice(1), slice(3, 7), slice(10)])
def test_columns_without_a_share_are_left_out_of_a_mix_and_change_nothing(columns):
    where = grid(*rotate(*coordinates(6, 10, "cpu"), 0.1), 6, 10)
    share = torch.zeros(6, 10)
    share[2:4, columns] = 0.3
    expected = PICTURE.lerp(read(PICTURE.flip(-1), where, "border"), share)
    torch.testing.assert_close(mix_in(PICTURE.clone(), PICTURE.flip(-1), where, share), expected)


def test_the_nearest_pixel_of_each_pixel_is_itself():
    picture = torch.rand(2, 3, 5, 8)
    x, y = coordinates(5, 8, "cpu")
    assert torch.equal(pick(picture, nearest(x.expand(5, 8), y.expand(5, 8), 5, 8)), picture)


def test_beyond_the_picture_its_edge_is_repeated():
    picture = torch.arange(12.0).view(1, 1, 3, 4)
    far = torch.tensor([[-9.0, 9.0]])
    assert pick(picture, nearest(far, far, 3, 4)).flatten().tolist() == [0.0, 11.0]
