import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from scope.media.errors import MediaError
from scope.media.recording import Recording, make_seekable

RATE = 30
NOISE = np.random.default_rng(7)


def noise(width: int = 64, height: int = 48) -> np.ndarray:
    return NOISE.integers(0, 256, (height, width, 3), dtype=np.uint8)


def probe(path: Path) -> dict:
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def frames_in(path: Path) -> int:
    return int(probe(path)["streams"][0]["nb_read_frames"])


def recorded(path: Path, count: int, **size: int) -> Recording:
    recording = Recording(path)
    for i in range(count):
        recording.put(noise(**size), 100 + i / RATE)
    return recording


def test_a_recording_is_h264_at_the_times_of_its_frames(tmp_path):
    recording = Recording(tmp_path / "show.mp4")
    for time in (5.0, 5.1, 5.5, 5.4, 6.0):
        recording.put(noise(), time)
    recording.close()
    stream = probe(recording.path)["streams"][0]
    assert (stream["codec_name"], stream["color_space"], stream["nb_read_frames"]) == ("h264", "bt709", "5")
    assert recording.seconds == 1.0


def test_a_finished_recording_becomes_a_plain_film_with_the_same_frames(tmp_path):
    recording = recorded(tmp_path / "show.mp4", 70)
    recording.close()
    assert b"moof" in recording.path.read_bytes()
    make_seekable(recording.path)
    data = recording.path.read_bytes()
    assert b"moof" not in data
    assert data.index(b"moov") < data.index(b"mdat")
    assert frames_in(recording.path) == 70
    assert float(probe(recording.path)["format"]["duration"]) == pytest.approx(70 / RATE, abs=0.05)
    assert [path.name for path in tmp_path.iterdir()] == ["show.mp4"]


def test_what_was_written_before_the_machine_stopped_can_be_played(tmp_path):
    recording = recorded(tmp_path / "show.mp4", 130)
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(recording.path.read_bytes())
    recording.close()
    assert frames_in(copy) >= 60


def test_frames_of_another_size_are_scaled_to_the_first_and_odd_sides_lose_a_line(tmp_path):
    recording = Recording(tmp_path / "show.mp4")
    for i, (width, height) in enumerate([(65, 49), (32, 200), (300, 20)]):
        recording.put(noise(width, height), i / RATE)
    recording.close()
    stream = probe(recording.path)["streams"][0]
    assert (stream["width"], stream["height"], stream["nb_read_frames"]) == (64, 48, "3")


def test_a_recording_without_a_frame_leaves_no_file(tmp_path):
    Recording(tmp_path / "show.mp4").close()
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_not_overwritten(tmp_path):
    (tmp_path / "show.mp4").write_bytes(b"old")
    with pytest.raises(MediaError, match="cannot write"):
        Recording(tmp_path / "show.mp4")
    assert (tmp_path / "show.mp4").read_bytes() == b"old"


@pytest.mark.parametrize("sound", [False, True])
def test_a_full_disk_ends_a_recording_with_a_sentence_and_a_film_that_plays(tmp_path, sound, files_no_larger_than):
    whole = recorded(tmp_path / "whole.mp4", 61)
    whole.close()
    limit = int(whole.path.stat().st_size * 2.5)
    recording = Recording(tmp_path / "show.mp4")
    with files_no_larger_than(limit):
        with pytest.raises(MediaError, match=r"the file would be larger than is allowed here after \d+ frames"):
            fill(recording, 600, sound=sound)
        recording.close()
    assert 60 <= frames_in(recording.path) < recording.frames
    assert not probe_errors(recording.path)


def fill(recording: Recording, count: int, *, sound: bool) -> None:
    for i in range(count):
        recording.put(noise(), i / RATE)
        if sound:
            recording.hear(NOISE.uniform(-0.5, 0.5, (2, 48000 // RATE)).astype(np.float32), i / RATE)


def probe_errors(path: Path) -> str:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def test_no_room_for_the_plain_film_leaves_the_fragments(tmp_path, files_no_larger_than):
    recording = recorded(tmp_path / "show.mp4", 30)
    recording.close()
    before = recording.path.read_bytes()
    with files_no_larger_than(len(before) // 2), pytest.raises(MediaError, match=r"show\.mp4 stays in fragments: "):
        make_seekable(recording.path)
    assert recording.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["show.mp4"]
