from fractions import Fraction

import numpy as np
import pytest
import torch
from PIL import Image

from scope.media import MediaError, open_sink, open_source

RATE = Fraction(25)


def read(spec) -> torch.Tensor:
    return torch.stack([picture.pixels for picture in open_source(spec)])


def test_a_numbered_sequence_holds_every_frame_exactly(tmp_path, noise, names_in):
    with open_sink(tmp_path / "shot_%03d.png", rate=RATE) as sink:
        sink.write(noise(2))
        sink.write(noise(3, seed=1))
        assert not list(tmp_path.glob("*.png"))
    assert names_in(tmp_path) == [f"shot_{k:03d}.png" for k in range(5)]
    assert torch.equal(read(tmp_path / "shot_%03d.png"), torch.cat([noise(2), noise(3, seed=1)]))


@pytest.mark.parametrize("made_before", [False, True])
def test_a_folder_gets_numbered_frames(tmp_path, noise, names_in, render, made_before):
    folder = tmp_path / "frames"
    if made_before:
        folder.mkdir()
    render(f"{folder}/", noise(2))
    assert names_in(folder) == ["frame_000000.png", "frame_000001.png"]
    assert torch.equal(read(folder), noise(2))


def test_an_existing_folder_needs_no_slash(tmp_path, noise, names_in, render):
    render(tmp_path, noise(1))
    assert names_in(tmp_path) == ["frame_000000.png"]


def test_a_sequence_that_is_there_already_is_never_mixed_with_a_new_one(tmp_path, names_in):
    precious = ["frame_000003.png", "frame_000004.png"]
    for name in precious:
        (tmp_path / name).write_bytes(b"precious")
    with pytest.raises(MediaError, match=r"cannot write .*frame_%06d\.png: 2 such files are there already"):
        open_sink(tmp_path, rate=RATE)
    assert names_in(tmp_path) == precious


@pytest.mark.parametrize("interruption", [RuntimeError(), KeyboardInterrupt()], ids=repr)
def test_an_interrupted_sequence_leaves_neither_pictures_nor_its_folder(
    tmp_path, noise, names_in, render, interruption
):
    with pytest.raises(type(interruption)):
        render(f"{tmp_path}/new/", noise(2), interruption=interruption)
    assert names_in(tmp_path) == []


def test_an_interrupted_sequence_leaves_a_folder_that_was_there(tmp_path, noise, names_in, render):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(KeyboardInterrupt):
        render(tmp_path, noise(2), interruption=KeyboardInterrupt())
    assert names_in(tmp_path) == ["notes.txt"]


def test_a_sequence_that_cannot_all_be_moved_takes_back_what_was(tmp_path, noise, names_in):
    sink = open_sink(tmp_path / "shot_%d.png", rate=RATE)
    sink.write(noise(3))
    (tmp_path / "shot_1.png").mkdir()
    with pytest.raises(MediaError, match="after 3 frames"):
        sink.close()
    assert names_in(tmp_path) == ["shot_1.png"]


def test_a_folder_below_a_missing_one_is_one_sentence(tmp_path):
    with pytest.raises(MediaError, match=r"cannot write .*missing/frames: the folder .*missing does not exist"):
        open_sink(f"{tmp_path}/missing/frames/", rate=RATE)


def test_a_single_picture_is_the_last_frame(tmp_path, noise):
    frames = noise(3)
    with open_sink(tmp_path / "last.png", rate=RATE) as sink:
        sink.write(frames)
        expected = frames[2].clone()
        frames.zero_()
    assert np.array_equal(np.asarray(Image.open(tmp_path / "last.png")), expected.numpy())


def test_a_single_picture_replaces_the_one_before_only_when_complete(tmp_path, noise, names_in, render):
    target = tmp_path / "last.png"
    target.write_bytes(b"what was there before")
    with pytest.raises(KeyboardInterrupt):
        render(target, noise(1), interruption=KeyboardInterrupt())
    assert target.read_bytes() == b"what was there before"
    render(target, noise(1))
    assert torch.equal(read(target), noise(1))
    assert names_in(tmp_path) == ["last.png"]


def test_pictures_of_another_size_are_fitted_to_the_first(tmp_path, noise, render):
    render(tmp_path / "%d.png", noise(1), noise(1, (33, 99)))
    assert [Image.open(tmp_path / f"{k}.png").size for k in (0, 1)] == [(64, 48)] * 2


@pytest.mark.parametrize("name", ["shot_%04d.png", "last.png"])
def test_a_full_disk_leaves_no_picture(small_disk, noise, names_in, render, name):
    with pytest.raises(MediaError, match=r"the disk is full after \d+ frames?; the partial file was removed"):
        render(small_disk / name, noise(5, (320, 240)))
    assert names_in(small_disk) == []
