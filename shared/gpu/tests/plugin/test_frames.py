"""Intake of a host's frames and the way back."""

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scope_gpu.image.blur import grow, shrink
from scope_gpu.image.color import REC709_LUMA, luma
from scope_gpu.plugin.frames import FrameError, enlarged_thwc, intake, passthrough, reduced_intake, to_thwc


def frame(height=4, width=6, channels=3, dtype=torch.uint8):
    values = torch.arange(height * width * channels) % 256
    return values.view(1, height, width, channels).to(dtype)


def test_uint8_and_float_frames_give_the_same_planar_batch():
    as_uint8, as_float = intake([frame()], "cpu"), intake([frame(dtype=torch.float32)], "cpu")
    assert as_uint8.shape == (1, 3, 4, 6)
    assert as_uint8.dtype == torch.float32
    assert as_uint8.is_contiguous()
    assert torch.equal(as_uint8, as_float)


@given(values=st.lists(st.integers(0, 255), min_size=3, max_size=3))
def test_a_round_trip_is_exact(values):
    pixels = torch.tensor(values, dtype=torch.uint8).view(1, 1, 1, 3)
    video = to_thwc(intake([pixels], "cpu"))
    assert torch.equal(video, pixels / 255)
    assert torch.equal((video * 255).round().to(torch.uint8), pixels)


def test_alpha_is_dropped_and_grey_is_repeated():
    rgba, grey = frame(channels=4), frame(channels=1)
    assert torch.equal(intake([rgba], "cpu"), intake([rgba[..., :3]], "cpu"))
    assert torch.equal(intake([grey], "cpu"), intake([grey.expand(-1, -1, -1, 3)], "cpu"))


@given(sizes=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=4), mixed=st.booleans())
def test_frames_of_any_sizes_and_dtypes_become_one_batch_of_the_first_size(sizes, mixed):
    dtypes = [torch.float32 if mixed and i % 2 else torch.uint8 for i in range(len(sizes))]
    video = [frame(h, w, dtype=dtype) for (h, w), dtype in zip(sizes, dtypes, strict=True)]
    batch = intake(video, "cpu")
    assert batch.shape == (len(sizes), 3, *sizes[0])
    assert batch.isfinite().all()
    assert batch.min() >= 0
    assert batch.max() <= 1


def test_a_wanted_size_wins_over_the_first_frame():
    assert intake([frame(), frame()], "cpu", size=(2, 3)).shape == (2, 3, 2, 3)


def test_the_input_is_never_written_to():
    video = [frame(dtype=torch.float32)]
    before = video[0].clone()
    intake(video, "cpu").zero_()
    assert torch.equal(video[0], before)


def test_frames_that_are_not_contiguous_are_read_right():
    wide = frame(4, 12)
    assert torch.equal(intake([wide[:, :, ::2]], "cpu"), intake([wide[:, :, ::2].contiguous()], "cpu"))


@pytest.mark.parametrize(
    ("video", "message"),
    [
        ([], "expected at least one frame in `video`, got an empty list"),
        ([torch.zeros(4, 6, 3)], "expected frames (1, H, W, C) with C of 1, 3 or 4, got shape (4, 6, 3)"),
        ([torch.zeros(1, 3, 4, 6)], "got shape (1, 3, 4, 6)"),
        ([torch.zeros(1, 0, 4, 3)], "got shape (1, 0, 4, 3)"),
        (
            [torch.zeros(1, 4, 6, 3, dtype=torch.int32)],
            "of dtype uint8 or float32 in [0, 255], got torch.int32",
        ),
        ([[1, 2]], "expected frames as tensors (1, H, W, C) in [0, 255], got list"),
    ],
)
def test_other_things_are_refused_in_words(video, message):
    with pytest.raises(FrameError, match=re.escape(message)):
        intake(video, "cpu")


def test_output_is_clamped_float32_thwc():
    video = to_thwc(torch.full((2, 3, 4, 6), 1.5, dtype=torch.bfloat16))
    assert video.shape == (2, 4, 6, 3)
    assert video.dtype == torch.float32
    assert video.is_contiguous()
    assert float(video.max()) == 1.0


@pytest.mark.gpu
def test_intake_on_a_gpu_equals_the_cpu():
    video = [frame(), frame(dtype=torch.float32)]
    assert torch.allclose(intake(video, "cuda").cpu(), intake(video, "cpu"), atol=1e-6)


def test_a_batch_of_an_earlier_call_is_written_over_where_it_fits():
    frames = [torch.full((1, 4, 6, 3), 51, dtype=torch.uint8)]
    used = torch.zeros(1, 3, 4, 6)
    assert intake(frames, "cpu", into=used) is used
    assert used.unique().item() == pytest.approx(0.2)
    other = intake(frames, "cpu", into=torch.zeros(1, 3, 4, 5))
    assert torch.equal(other, used)


def test_floats_out_of_range_are_clamped_and_a_nan_is_black():
    frames = [torch.tensor([float("nan"), 300.0, -5.0, 51.0]).view(1, 1, 4, 1).expand(1, 1, 4, 3)]
    assert intake(frames, "cpu")[0, 0, 0].tolist() == pytest.approx([0.0, 1.0, 0.0, 0.2])
    assert torch.equal(passthrough(frames, "cpu"), to_thwc(intake(frames, "cpu")))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float16])
def test_passing_through_is_intake_and_output_to_the_bit(channels, dtype):
    frames = [(torch.rand(1, 5, 7, channels) * 255.0).to(dtype) for _ in range(2)]
    before = [frame.clone() for frame in frames]
    assert torch.equal(passthrough(frames, "cpu"), to_thwc(intake(frames, "cpu")))
    assert all(torch.equal(a, b) for a, b in zip(frames, before, strict=True))
    mixed = [frames[0], frames[1][:, :4]]
    assert torch.equal(passthrough(mixed, "cpu"), to_thwc(intake(mixed, "cpu")))


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 3), st.booleans())
def test_a_reduced_batch_is_the_batch_halved(height, width, halvings, is_float):
    dtype = torch.float32 if is_float else torch.uint8
    video = [frame(height << halvings, width << halvings, dtype=dtype)] * 2
    expected = shrink(intake(video, "cpu"), halvings)
    torch.testing.assert_close(reduced_intake(video, "cpu", halvings), expected)
    torch.testing.assert_close(reduced_intake(video, "cpu", halvings, REC709_LUMA), luma(expected))


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 3))
def test_a_size_that_does_not_divide_is_rounded_up_and_keeps_an_even_field(height, width, halvings):
    flat = torch.full((1, height, width, 3), 51, dtype=torch.uint8)
    size = shrink(torch.zeros(1, 1, height, width), halvings).shape[-2:]
    torch.testing.assert_close(reduced_intake([flat], "cpu", halvings), torch.full((1, 3, *size), 0.2))


def test_a_reduced_batch_never_writes_to_the_input_and_takes_any_frames():
    video = [frame(dtype=torch.float32), frame(5, 9, channels=4), frame(channels=1)]
    before = [picture.clone() for picture in video]
    assert reduced_intake(video, "cpu", 1).shape == (3, 3, 2, 3)
    reduced_intake(video[:1], "cpu", 0, REC709_LUMA).zero_()
    assert all(torch.equal(picture, old) for picture, old in zip(video, before, strict=True))
    wild = torch.tensor([float("nan"), 300.0, -5.0]).expand(1, 2, 2, 3)
    assert reduced_intake([wild], "cpu", 1).flatten().tolist() == [0.0, 1.0, 0.0]


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 3))
def test_enlarged_pictures_are_those_that_grow_in_planes(height, width, doublings):
    small = shrink(intake([frame(height, width)], "cpu"), doublings)
    expected = to_thwc(grow(small, doublings, height, width))
    enlarged = enlarged_thwc(small, doublings, height, width)
    torch.testing.assert_close(enlarged, expected)
    assert enlarged.is_contiguous()
