"""Frames to chunks and back."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope.core.pipelines.process import normalize_frame_sizes, postprocess_chunk, preprocess_chunk


def frames(*sizes, dtype=torch.uint8):
    return [torch.full((1, height, width, 3), 200, dtype=dtype) for height, width in sizes]


def test_frames_take_the_size_of_the_first():
    sized = normalize_frame_sizes(frames((8, 6), (4, 10), (8, 6)))
    assert [tuple(frame.shape) for frame in sized] == [(1, 8, 6, 3)] * 3
    assert all(frame.dtype == torch.uint8 and bool((frame == 200).all()) for frame in sized)


def test_frames_take_the_size_and_the_dtype_asked_for():
    (sized,) = normalize_frame_sizes(frames((8, 6)), 5, 7, "cpu", torch.float16)
    assert (tuple(sized.shape), sized.dtype) == ((1, 5, 7, 3), torch.float16)
    assert normalize_frame_sizes([]) == []


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_a_frame_of_the_right_size_is_passed_on_as_it_is(dtype):
    (frame,) = frames((4, 6), dtype=dtype)
    assert normalize_frame_sizes([frame], 4, 6)[0] is frame


def test_a_chunk_is_bcthw_between_minus_one_and_one():
    dark, light = torch.zeros(1, 4, 6, 3, dtype=torch.uint8), torch.full((1, 2, 3, 3), 255, dtype=torch.uint8)
    chunk = preprocess_chunk([dark, light], "cpu", torch.bfloat16)
    assert (tuple(chunk.shape), chunk.dtype) == ((1, 3, 2, 4, 6), torch.bfloat16)
    assert chunk[:, :, 0].unique().tolist() == [-1.0]
    assert chunk[:, :, 1].unique().tolist() == [1.0]


def test_a_chunk_can_be_resized():
    assert preprocess_chunk(frames((4, 6)), "cpu", torch.float32, 8, 10).shape == (1, 3, 1, 8, 10)


def test_pictures_outside_the_range_are_clamped():
    chunk = torch.tensor([-3.0, -1.0, 0.0, 1.0, 3.0], dtype=torch.float16).reshape(1, 1, 1, 1, 5)
    picture = postprocess_chunk(chunk)
    assert picture.dtype == torch.float32
    assert picture.flatten().tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]


@given(st.lists(st.integers(0, 255), min_size=12, max_size=12))
def test_there_and_back_gives_the_same_picture(values):
    frame = torch.tensor(values, dtype=torch.uint8).reshape(1, 2, 2, 3)
    back = postprocess_chunk(preprocess_chunk([frame], "cpu", torch.float32).movedim(2, 1))
    assert torch.equal((back * 255).round().to(torch.uint8), frame)
