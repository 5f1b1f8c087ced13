"""The colors of a video come out as they are meant: matrices, ranges, bits, alpha, odd sizes."""

from pathlib import Path

import av
import numpy as np
import pytest
import torch

from scope.media import open_source


def luma_chroma(rgb: tuple[int, int, int], red: float, blue: float, full: bool, bits: int = 8) -> list[int]:
    """Y'CbCr of R'G'B' by ITU-R BT.601 and BT.709: weights of red and blue, then the range's offset and scale."""
    r, g, b = (value / 255 for value in rgb)
    y = red * r + (1 - red - blue) * g + blue * b
    cb, cr = (b - y) / (2 * (1 - blue)), (r - y) / (2 * (1 - red))
    scale = 2 ** (bits - 8)
    if full:
        return [round(255 * y), round(128 + 255 * cb), round(128 + 255 * cr)]
    return [round(scale * (16 + 219 * y)), round(scale * (128 + 224 * cb)), round(scale * (128 + 224 * cr))]


BT601, BT709 = (0.299, 0.114), (0.2126, 0.0722)
ORANGE = (220, 120, 40)


def flat_yuv(values: list[int], size: tuple[int, int] = (32, 24), pixel_format: str = "yuv420p") -> av.VideoFrame:
    frame = av.VideoFrame(*size, pixel_format)
    dtype = np.uint16 if "10" in pixel_format else np.uint8
    for plane, value in zip(frame.planes, values, strict=True):
        plane.update(np.full(plane.buffer_size // dtype().itemsize, value, dtype).tobytes())
    return frame


def assert_orange(path: Path):
    for size in (None, (20, 20)):
        pixels = next(iter(open_source(path, size=size))).pixels.int()
        assert (pixels - torch.tensor(ORANGE)).abs().max() <= 2


@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize(("weights", "tag"), [(BT601, 5), (BT709, 1)], ids=["bt601", "bt709"])
def test_tagged_matrix_and_range_are_honoured(encode_video, weights, tag, full):
    frame = flat_yuv(luma_chroma(ORANGE, *weights, full))
    frame.colorspace, frame.color_range = tag, 2 if full else 1
    assert_orange(encode_video([frame], name="tagged.mp4", codec="libx264"))


@pytest.mark.parametrize(("size", "weights"), [((64, 576), BT601), ((64, 720), BT709)], ids=["sd", "hd"])
def test_an_untagged_matrix_goes_by_the_height(encode_video, size, weights):
    assert_orange(encode_video([flat_yuv(luma_chroma(ORANGE, *weights, full=False), size)]))


def test_ten_bits_are_scaled_to_eight(encode_video):
    values = luma_chroma(ORANGE, *BT601, full=False, bits=10)
    assert_orange(encode_video([flat_yuv(values, pixel_format="yuv420p10le")]))


def test_jpeg_video_is_full_range(encode_video):
    frame = flat_yuv(luma_chroma(ORANGE, *BT601, full=True), pixel_format="yuvj420p")
    frame.color_range = 2
    assert_orange(encode_video([frame], name="motion.avi", codec="mjpeg"))


def test_grey_becomes_three_equal_channels(encode_video):
    frames = [av.VideoFrame.from_ndarray(np.full((24, 32), value, np.uint8), "gray") for value in (0, 100, 255)]
    seen = [picture.pixels.unique().tolist() for picture in open_source(encode_video(frames))]
    assert seen == [[0], [100], [255]]


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p", "bgr0", "gbrp10le"])
@pytest.mark.parametrize("size", [(33, 25), (34, 25), (33, 24), (7, 5)])
def test_odd_sizes_come_out_whole(encode_video, pixel_format, size):
    picture = np.full((size[1], size[0], 3), ORANGE, np.uint8)
    path = encode_video([av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=pixel_format)])
    assert next(iter(open_source(path))).pixels.shape == (size[1], size[0], 3)
    assert_orange(path)


def test_alpha_is_composited_over_black(encode_video):
    picture = np.zeros((24, 32, 4), np.uint8)
    picture[:] = (200, 100, 50, 255)
    picture[:, 8:16, 3], picture[:, 16:, 3] = 128, 0
    path = encode_video([av.VideoFrame.from_ndarray(picture, "rgba")], name="alpha.mov", codec="png")
    pixels = next(iter(open_source(path))).pixels
    assert pixels[5, [2, 10, 20]].tolist() == [[200, 100, 50], [100, 50, 25], [0, 0, 0]]


def test_a_palette_with_a_transparent_entry_is_resolved(encode_video):
    indices = np.arange(32, dtype=np.uint8)[None].repeat(24, axis=0) % 2
    palette = np.zeros((256, 4), np.uint8)
    palette[0], palette[1] = (0, 255, 255, 255), (255, 200, 100, 50)  # ARGB
    frame = av.VideoFrame.from_ndarray((indices, palette), "pal8")  # ty: ignore[invalid-argument-type]
    pixels = next(iter(open_source(encode_video([frame], name="palette.mov", codec="png")))).pixels
    assert pixels[5, :4].tolist() == [[0, 0, 0], [200, 100, 50]] * 2


def test_hidden_colours_do_not_bleed_when_alpha_is_scaled(encode_video):
    picture = np.full((24, 32, 4), (255, 255, 255, 0), np.uint8)
    path = encode_video([av.VideoFrame.from_ndarray(picture, "rgba")], name="alpha.mov", codec="png")
    assert next(iter(open_source(path, size=(50, 50)))).pixels.max() == 0
