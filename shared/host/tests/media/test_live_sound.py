"""The sound of a live show finds its place beside the pictures of a recording."""

import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream

from scope.media.live_sound import LIVE_RATE
from scope.media.recording import Recording, make_seekable
from scope.media.sound import FileSound, audio_frame
from scope.media.sound_reader import SoundReader

FPS = 25


def tone(seconds: float) -> np.ndarray:
    wave = 0.5 * np.sin(np.arange(round(seconds * LIVE_RATE)) * 0.1)
    return np.stack([wave, wave]).astype(np.float32)


def picture(value: int) -> np.ndarray:
    return np.full((48, 64, 3), value, np.uint8)


def loud(path: Path) -> list[tuple[float, float]]:
    """From when to when the sound of a file is loud, in seconds."""
    with av.open(str(path)) as container:
        frames = [(frame.time or 0.0, frame.to_ndarray()[0]) for frame in container.decode(audio=0)]
    wave = np.zeros(round((frames[-1][0] + 1) * LIVE_RATE))
    for time, samples in frames:
        start = round(time * LIVE_RATE)
        wave[max(0, start) : start + len(samples)] = samples[max(0, -start) :]
    level = np.abs(wave[: len(wave) // 480 * 480].reshape(-1, 480)).max(axis=1) > 0.1
    edges = np.flatnonzero(np.diff(np.concatenate([[0], level, [0]])))
    return [(begin / 100, end / 100) for begin, end in zip(edges[::2], edges[1::2], strict=True)]


def streams(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [stream.type for stream in container.streams]


def record(path: Path, seconds: float, blocks: dict[float, np.ndarray], begin: float = 100.0) -> Recording:
    """A recording whose blocks come with the picture of their time."""
    recording, waiting = Recording(path), dict(blocks)
    for i in range(round(seconds * FPS)):
        recording.put(picture(i), begin + i / FPS)
        for time in [time for time in waiting if time <= i / FPS]:
            recording.hear(waiting.pop(time), begin + time)
    return recording


@pytest.mark.parametrize("plain", [False, True])
def test_blocks_are_heard_at_their_times_and_silence_lies_between(tmp_path, plain):
    recording = record(tmp_path / "show.mp4", 4.0, {0.8: tone(0.5), 2.6: tone(0.4)})
    recording.close()
    if plain:
        make_seekable(recording.path)
    assert streams(recording.path) == ["video", "audio"]
    assert np.allclose(loud(recording.path), [(0.8, 1.3), (2.6, 3.0)], atol=0.03)


def test_blocks_that_nearly_touch_make_one_sound_and_overlaps_are_cut(tmp_path):
    blocks = {0.4: tone(0.2), 0.609: tone(0.2), 0.7: tone(0.2)}
    recording = record(tmp_path / "show.mp4", 2.0, blocks)
    recording.close()
    assert np.allclose(loud(recording.path), [(0.4, 0.9)], atol=0.03)


def test_sound_ends_with_the_pictures_and_none_comes_from_before_them(tmp_path):
    recording = record(tmp_path / "show.mp4", 1.0, {-0.3: tone(0.5), 0.9: tone(3.0)})
    recording.close()
    assert np.allclose(loud(recording.path), [(0.0, 0.2), (0.9, 0.96)], atol=0.05)


def test_sound_that_begins_late_is_heard(tmp_path):
    late = record(tmp_path / "late.mp4", 2.0, {1.5: tone(0.2)})
    late.close()
    assert late.sounds
    make_seekable(late.path)
    assert np.allclose(loud(late.path), [(1.5, 1.7)], atol=0.03)


@pytest.mark.parametrize("plain", [False, True])
def test_without_any_sound_a_film_has_no_track_for_it(tmp_path, plain):
    silent = record(tmp_path / "silent.mp4", 5.0, {})
    silent.close()
    if plain:
        make_seekable(silent.path)
    assert streams(silent.path) == ["video"]
    command = ["ffprobe", "-v", "warning", "-count_frames", "-show_entries", "stream=nb_read_frames:format=duration"]
    seen = subprocess.run([*command, "-of", "csv=p=0", str(silent.path)], check=True, capture_output=True, text=True)
    frames, seconds = seen.stdout.split()
    assert (int(frames), seen.stderr) == (round(5.0 * FPS), "")
    assert float(seconds) == pytest.approx(5.0, abs=0.1)


def test_what_was_written_before_the_machine_stopped_plays_with_its_sound(tmp_path):
    blocks = {i / 20: tone(0.05) for i in range(40)}
    recording = record(tmp_path / "show.mp4", 6.0, blocks)
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(recording.path.read_bytes())
    recording.close()
    assert np.allclose(loud(copy), [(0.0, 2.0)], atol=0.05)
    command = ["ffmpeg", "-v", "error", "-i", str(copy), "-f", "null", "-"]
    assert not subprocess.run(command, check=True, capture_output=True, text=True).stderr


@pytest.fixture
def sounding(tmp_path):
    """A file with one second of sound, loud from 0.5 to 0.7, whose pictures would begin at 0.1."""
    path = tmp_path / "sound.mkv"
    samples = np.zeros((2, LIVE_RATE), np.float32)
    samples[:, LIVE_RATE // 2 : LIVE_RATE * 7 // 10] = tone(0.2)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=LIVE_RATE, layout="stereo")
        assert isinstance(stream, AudioStream)
        for packet in [*stream.encode(audio_frame(samples, LIVE_RATE, 0)), *stream.encode(None)]:
            container.mux(packet)
    return FileSound(path, 0.1)


def begins(samples: np.ndarray) -> float | None:
    found = np.flatnonzero(np.abs(samples[0]) > 0.1)
    return float(found[0] / LIVE_RATE) if len(found) else None


def test_a_file_is_read_piece_by_piece_and_again_from_anywhere(sounding):
    with SoundReader(sounding) as reader:
        pieces = [reader.between(i * 0.04, (i + 1) * 0.04) for i in range(25)]
        assert begins(np.concatenate(pieces, axis=1)) == pytest.approx(0.4, abs=0.01)
        assert begins(reader.between(0.0, 0.2)) is None
        assert begins(reader.between(0.35, 0.55)) == pytest.approx(0.05, abs=0.01)


def test_a_file_is_silent_where_it_has_no_sound(sounding):
    with SoundReader(sounding) as reader:
        assert reader.between(5.0, 5.1).shape == (2, LIVE_RATE // 10)
        assert not reader.between(5.1, 5.2).any()
        assert begins(reader.between(0.3, 1.5)) == pytest.approx(0.1, abs=0.01)
