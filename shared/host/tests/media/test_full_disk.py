"""A disk that refuses leaves nothing behind but a sentence."""

import errno
import os
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest

from scope.media import MediaError
from scope.media.errors import cannot_create

RATE = Fraction(25)


def write_noise_until_it_fails(target: Path, noise, render, count: int = 60) -> str:
    with pytest.raises(MediaError) as caught:
        render(target, *(noise(1, (160, 120), seed=index) for index in range(count)), quality=1)
    return str(caught.value)


def test_a_disk_that_fills_up_removes_the_partial_film(small_disk, noise, names_in, render):
    target = small_disk / "film.mp4"
    target.write_bytes(b"what was there before")
    message = write_noise_until_it_fails(target, noise, render)
    assert message.startswith(f"cannot write {target}: the disk is full after ")
    assert message.endswith("; the partial file was removed")
    assert names_in(small_disk) == ["film.mp4"]
    assert target.read_bytes() == b"what was there before"


def test_a_disk_that_fills_up_only_at_the_end_removes_the_partial_film(small_disk, noise, names_in, render):
    """A few frames stay in the encoder until it is flushed."""
    message = write_noise_until_it_fails(small_disk / "film.mp4", noise, render, count=16)
    assert "the disk is full after 16 frames" in message
    assert names_in(small_disk) == []


def fill_up(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_a_disk_without_any_room_is_one_sentence(small_disk, noise, names_in, render):
    (small_disk / "ballast").write_bytes(bytes(180 * 1024))
    fill_up(small_disk / "more")
    message = write_noise_until_it_fails(small_disk / "film.mp4", noise, render)
    assert "the disk is full" in message
    assert names_in(small_disk) == ["ballast", "more"]


@pytest.mark.parametrize("size", [0, 10, 48, 1000, 40_000, 300_000])
def test_a_write_that_the_kernel_refuses_anywhere_leaves_nothing(
    tmp_path, noise, size, names_in, render, files_no_larger_than
):
    with files_no_larger_than(size):
        message = write_noise_until_it_fails(tmp_path / "film.mp4", noise, render)
    assert "the file would be larger than is allowed here after" in message
    assert names_in(tmp_path) == []


def test_a_write_refused_while_the_index_moves_leaves_nothing(tmp_path, noise, names_in, render, files_no_larger_than):
    complete = render(tmp_path / "complete.mp4", noise(5), quality=1)
    with (
        files_no_larger_than(complete.stat().st_size - 1),
        pytest.raises(MediaError, match="larger than is allowed here after 5 frames"),
    ):
        render(tmp_path / "film.mp4", noise(5), quality=1)
    assert names_in(tmp_path) == ["complete.mp4"]


def test_no_file_stays_open_after_an_error(tmp_path, noise, render, files_no_larger_than):
    before = len(list(Path("/proc/self/fd").iterdir()))
    with files_no_larger_than(0):
        write_noise_until_it_fails(tmp_path / "film.mp4", noise, render)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EROFS, "the folder .* is not writable"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_each_error_of_the_system_has_its_sentence(number, reason):
    error = cannot_create(Path("out/film.mp4"), OSError(number, os.strerror(number)))
    with pytest.raises(MediaError, match=rf"^cannot write out/film\.mp4: {reason}"):
        raise error
