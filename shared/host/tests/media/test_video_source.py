import weakref
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from scope.media import MediaError, open_source, sample_clip


def means(source) -> list[tuple[int, ...]]:
    return [tuple(round(value) for value in picture.pixels.float().mean((0, 1)).tolist()) for picture in source]


def test_the_sample_clip_gives_every_frame_once_at_its_rate():
    with open_source(sample_clip()) as source:
        assert (source.rate, source.width, source.height, source.count) == (Fraction(25), 640, 360, 100)
        times = [picture.time for picture in source]
    assert times == pytest.approx([k / 25 for k in range(100)])
    assert source.notes == []


def test_pictures_are_contiguous_uint8_rgb_on_the_cpu():
    with open_source(sample_clip(), limit=1) as source:
        (picture,) = source
    assert picture.pixels.shape == (360, 640, 3)
    assert picture.pixels.dtype == torch.uint8
    assert picture.pixels.is_contiguous()
    assert picture.pixels.device.type == "cpu"


def test_lossless_rgb_comes_out_exactly_and_in_order(encode_video, rgb_frames):
    path = encode_video(rgb_frames(6))
    assert means(open_source(path)) == [(40 * k, 255 - 40 * k, 7) for k in range(6)]


def test_iterating_again_starts_again(encode_video, rgb_frames):
    source = open_source(encode_video(rgb_frames(4)))
    assert means(source) == means(source)


def test_a_picture_is_freed_when_the_next_one_comes(encode_video, rgb_frames):
    with open_source(encode_video(rgb_frames(6))) as source:
        pictures = iter(source)
        first = weakref.ref(next(pictures).pixels)
        next(pictures)
        assert first() is None


def test_a_limit_ends_the_video_early_and_counts(encode_video, rgb_frames):
    path = encode_video(rgb_frames(6))
    assert open_source(path, limit=2).count == 2
    assert len(list(open_source(path, limit=2))) == 2
    assert len(list(open_source(path, limit=99))) == 6


def test_a_source_closed_in_the_middle_gives_no_more(encode_video, rgb_frames):
    with open_source(encode_video(rgb_frames(6))) as source:
        pictures = iter(source)
        next(pictures)
    assert list(pictures) == []


def quadrants() -> np.ndarray:
    """24 x 16, red top left, green top right, blue bottom left, white bottom right."""
    picture = np.zeros((16, 24, 3), np.uint8)
    picture[:8, :12], picture[:8, 12:] = (255, 0, 0), (0, 255, 0)
    picture[8:, :12], picture[8:, 12:] = (0, 0, 255), (255, 255, 255)
    return picture


def corners(pixels: torch.Tensor) -> str:
    names = {(True, False, False): "r", (False, True, False): "g", (False, False, True): "b", (True, True, True): "w"}
    height, width, _ = pixels.shape
    spots = [pixels[y, x] > 128 for y in (2, height - 3) for x in (2, width - 3)]
    return "".join(names[tuple(spot.tolist())] for spot in spots)


@pytest.mark.parametrize(
    ("matrix", "expected", "size"),
    [
        pytest.param((1, 0, 0, 1), "rgbw", (24, 16), id="upright"),
        pytest.param((0, 1, -1, 0), "brwg", (16, 24), id="a quarter clockwise"),
        pytest.param((-1, 0, 0, -1), "wbgr", (24, 16), id="upside down"),
        pytest.param((0, -1, 1, 0), "gwrb", (16, 24), id="a quarter counterclockwise"),
        pytest.param((-1, 0, 0, 1), "grwb", (24, 16), id="mirrored"),
        pytest.param((1, 0, 0, -1), "bwrg", (24, 16), id="flipped"),
        pytest.param((0, 1, 1, 0), "rbgw", (16, 24), id="transposed"),
        pytest.param((0, -1, -1, 0), "wgbr", (16, 24), id="transposed the other way"),
    ],
)
def test_the_display_matrix_is_applied(encode_video, set_display_matrix, matrix, expected, size):
    frame = av.VideoFrame.from_ndarray(quadrants(), "rgb24").reformat(format="yuv444p")
    path = encode_video([frame], name="turned.mp4", codec="libx264")
    set_display_matrix(path, *matrix)
    source = open_source(path)
    assert (source.width, source.height) == size
    assert corners(next(iter(source)).pixels) == expected
    assert corners(next(iter(open_source(path, size=(20, 20)))).pixels) == expected


@pytest.mark.parametrize(
    ("aspect", "size"), [(Fraction(2), (64, 24)), (Fraction(1, 2), (32, 48)), (Fraction(16, 15), (34, 24))]
)
def test_pixels_that_are_not_square_become_square(encode_video, rgb_frames, aspect, size):
    frames = [frame.reformat(format="yuv420p") for frame in rgb_frames(2)]
    source = open_source(encode_video(frames, name="anamorphic.mp4", codec="libx264", aspect=aspect))
    assert (source.width, source.height) == size
    assert next(iter(source)).pixels.shape == (size[1], size[0], 3)


def test_a_variable_rate_keeps_the_times_of_the_file(encode_video, rgb_frames):
    path = encode_video(rgb_frames(4), times=[100, 140, 300, 500])
    assert [picture.time for picture in open_source(path)] == pytest.approx([0, 0.04, 0.2, 0.4])


def test_a_rate_asked_for_repeats_and_drops_by_time(encode_video, rgb_frames):
    path = encode_video(rgb_frames(4), times=[0, 100, 110, 400], rate=Fraction(10))
    source = open_source(path, rate=Fraction(10))
    pictures = list(source)
    assert source.rate == 10
    assert [picture.pixels[0, 0, 0].item() // 40 for picture in pictures] == [0, 2, 2, 2, 3]
    assert [picture.time for picture in pictures] == pytest.approx([k / 10 for k in range(len(pictures))])


@pytest.mark.parametrize(("rate", "count"), [(50, 12), (25, 6), (10, 2)])
def test_a_rate_asked_for_keeps_the_length_in_seconds(encode_video, rgb_frames, rate, count):
    source = open_source(encode_video(rgb_frames(6)), rate=Fraction(rate))
    assert len(list(source)) == count
    assert source.count == count


def test_ntsc_rates_stay_exact(encode_video, rgb_frames):
    assert open_source(encode_video(rgb_frames(30), rate=Fraction(30000, 1001))).rate == Fraction(30000, 1001)


def test_a_size_is_covered_without_distortion(encode_video):
    picture = np.zeros((32, 64, 3), np.uint8)
    picture[:, 16:48] = 255
    frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="bgr0")
    source = open_source(encode_video([frame]), size=(16, 16))
    assert (source.width, source.height) == (16, 16)
    assert next(iter(source)).pixels.float().mean() > 250


def test_a_size_change_in_mid_stream_keeps_the_first_size(tmp_path, encode_video, noise):
    parts = []
    for index, size in enumerate([(64, 48), (96, 48)]):
        frame = av.VideoFrame.from_ndarray(noise(1, size)[0].numpy(), "rgb24").reformat(format="yuv420p")
        parts.append(encode_video([frame] * 2, name=f"{index}.h264", codec="libx264").read_bytes())
    path = tmp_path / "joined.h264"
    path.write_bytes(b"".join(parts))
    source = open_source(path)
    assert [picture.pixels.shape for picture in source] == [(48, 64, 3)] * 4


def test_a_stream_without_times_goes_by_its_rate(encode_video, noise):
    frames = [av.VideoFrame.from_ndarray(f.numpy(), "rgb24").reformat(format="yuv420p") for f in noise(5)]
    source = open_source(encode_video(frames, name="raw.h264", codec="libx264"))
    assert [picture.time for picture in source] == pytest.approx([k / source.rate for k in range(5)], abs=1e-3)


def test_a_file_that_breaks_off_gives_what_is_there_and_a_note(tmp_path):
    path = tmp_path / "half.mp4"
    data = sample_clip().read_bytes()
    path.write_bytes(data[: len(data) // 2])
    source = open_source(path)
    count = len(list(source))
    assert 10 < count < 90
    (note,) = source.notes
    assert f"is damaged or cut short (invalid data found when processing input): {count} of 100" in note


def test_a_damaged_frame_is_left_out_with_a_note(encode_video, noise):
    frames = [av.VideoFrame.from_ndarray(f.numpy(), "rgb24") for f in noise(8)]
    path = encode_video(frames, name="broken.mov", codec="png")
    data = bytearray(path.read_bytes())
    third = [i for i in range(len(data)) if data.startswith(b"\x89PNG", i)][2]
    data[third : third + 4] = b"XXXX"
    path.write_bytes(data)
    source = open_source(path)
    assert len(list(source)) == 7
    (note,) = source.notes
    assert "7 of 8 frames were read" in note


def write_audio(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def after_the_index(data: bytes) -> bytes:
    return data[: data.index(b"mdat") + 4]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.mp4", lambda _: b"", "cannot read .*empty.mp4 as a video: invalid data"),
        ("text.mp4", lambda _: b"no video at all\n" * 99, "cannot read .*text.mp4 as a video: invalid data"),
        ("head.mp4", lambda data: data[:200], "head.mp4 has no video stream"),
        ("frameless.mp4", after_the_index, "no frame can be read from .*frameless.mp4"),
    ],
)
def test_an_unreadable_video_is_one_sentence(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content(sample_clip().read_bytes()))
    with pytest.raises(MediaError, match=message):
        open_source(path)


def test_sound_alone_has_no_video_stream(tmp_path):
    write_audio(tmp_path / "sound.wav")
    with pytest.raises(MediaError, match=r"sound\.wav has no video stream"):
        open_source(tmp_path / "sound.wav")


@pytest.mark.parametrize("spec", ["missing.mp4", "no/such/folder/clip.mp4", "a\nb.mp4", "x" * 5000 + ".mp4"])
def test_a_missing_file_is_one_sentence(spec):
    with pytest.raises(MediaError, match=r"there is no file|cannot read .*: File name too long"):
        open_source(spec)


@pytest.mark.parametrize(
    "options", [{"size": (0, 10)}, {"size": (10, -1)}, {"rate": Fraction(0)}, {"limit": 0}], ids=str
)
def test_sizes_rates_and_limits_must_be_positive(options):
    with pytest.raises(ValueError, match="must be positive"):
        open_source(sample_clip(), **options)
