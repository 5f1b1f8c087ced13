from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scope.media import MediaError, open_source


def save(path: Path, color: tuple[int, ...], size: tuple[int, int] = (32, 24), mode: str = "RGB", **options) -> Path:
    Image.new(mode, size, color).save(path, **options)
    return path


def firsts(source) -> list[list[int]]:
    return [picture.pixels[0, 0].tolist() for picture in source]


def test_a_numbered_sequence_comes_by_number_at_the_rate_asked_for(tmp_path):
    for number in (0, 1, 2, 10):
        save(tmp_path / f"shot_{number:04d}.png", (number, 0, 0))
    save(tmp_path / "shot_1.png", (99, 0, 0))
    source = open_source(tmp_path / "shot_%04d.png", rate=Fraction(10))
    assert (source.rate, source.width, source.height, source.count) == (Fraction(10), 32, 24, 4)
    assert firsts(source) == [[0, 0, 0], [1, 0, 0], [2, 0, 0], [10, 0, 0]]
    assert [picture.time for picture in source] == pytest.approx([0, 0.1, 0.2, 0.3])


def test_a_folder_sorts_numbers_as_numbers_and_skips_other_files(tmp_path):
    for number in (10, 9, 2):
        save(tmp_path / f"frame {number}.png", (number, 0, 0))
    (tmp_path / "notes.txt").write_text("no picture")
    source = open_source(tmp_path)
    assert source.rate == 30
    assert firsts(source) == [[2, 0, 0], [9, 0, 0], [10, 0, 0]]


def test_a_sequence_of_mixed_sizes_keeps_the_first_size(tmp_path):
    save(tmp_path / "1.png", (10, 20, 30), (40, 30))
    save(tmp_path / "2.png", (40, 50, 60), (31, 77))
    assert [picture.pixels.shape for picture in open_source(tmp_path)] == [(30, 40, 3)] * 2


def test_a_picture_comes_once_or_as_often_as_the_limit_says(tmp_path):
    path = save(tmp_path / "still.png", (1, 2, 3))
    assert firsts(open_source(path)) == [[1, 2, 3]]
    source = open_source(path, limit=4, rate=Fraction(8))
    assert source.count == 4
    assert [picture.time for picture in source] == pytest.approx([0, 0.125, 0.25, 0.375])


def test_a_picture_is_cropped_at_its_centre_to_cover_a_size(tmp_path):
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:, 20:40] = 200
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    source = open_source(tmp_path / "wide.png", size=(10, 10))
    pixels = next(iter(source)).pixels
    assert pixels.shape == (10, 10, 3)
    assert (pixels[:, 1:-1] == 200).all()


def test_the_exif_orientation_is_applied(tmp_path):
    image = Image.new("RGB", (40, 20))
    image.paste((255, 0, 0), (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to display
    image.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    pixels = next(iter(open_source(tmp_path / "turned.jpg"))).pixels
    assert pixels.shape == (40, 20, 3)
    assert pixels[5, 10, 0] > 240
    assert pixels[35, 10, 0] < 15


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("RGBA", (200, 100, 50, 128), (100, 50, 25)),
        ("RGBA", (200, 100, 50, 0), (0, 0, 0)),
        ("LA", (200, 128), (100, 100, 100)),
        ("L", (77,), (77, 77, 77)),
        ("1", (1,), (255, 255, 255)),
        ("I;16", (65535,), (255, 255, 255)),
        ("I;16", (257 * 90,), (90, 90, 90)),
    ],
)
def test_every_png_mode_becomes_rgb_over_black(tmp_path, mode, color, expected):
    path = save(tmp_path / "picture.png", color if len(color) > 1 else color[0], mode=mode)
    assert firsts(open_source(path)) == [list(expected)]


def test_a_transparent_palette_entry_is_black(tmp_path):
    image = Image.new("P", (8, 8), 1)
    image.putpalette([255, 255, 255, 9, 8, 7])
    image.save(tmp_path / "palette.png", transparency=1)
    assert firsts(open_source(tmp_path / "palette.png")) == [[0, 0, 0]]


def test_a_cmyk_jpeg_becomes_rgb(tmp_path):
    path = save(tmp_path / "print.jpg", (0, 255, 255, 0), mode="CMYK", quality=95)
    assert firsts(open_source(path))[0] == pytest.approx([255, 0, 0], abs=6)


def test_a_folder_without_pictures_is_one_sentence(tmp_path):
    with pytest.raises(MediaError, match=rf"the folder {tmp_path} holds no pictures \(\.png, "):
        open_source(tmp_path)


def test_a_pattern_that_no_file_matches_is_one_sentence(tmp_path):
    with pytest.raises(MediaError, match=r"there is no file named like .*name_%04d\.png"):
        open_source(tmp_path / "name_%04d.png")


def test_a_file_that_is_no_picture_is_one_sentence(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(MediaError, match=r"cannot read the picture .*text\.png: it is no picture"):
        open_source(tmp_path / "text.png")


def test_a_picture_cut_short_in_a_sequence_stops_with_its_name(tmp_path, noise):
    for number in (1, 2):
        Image.fromarray(noise(1)[0].numpy()).save(tmp_path / f"{number}.png")
    data = (tmp_path / "2.png").read_bytes()
    (tmp_path / "2.png").write_bytes(data[: len(data) // 2])
    pictures = iter(open_source(tmp_path))
    next(pictures)
    with pytest.raises(MediaError, match=r"cannot read the picture .*2\.png: "):
        next(pictures)
