"""Sound goes from file to file in step with the pictures, copied where MP4 takes it."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from av.audio.stream import AudioStream

from scope.media import MediaError, open_sink, open_sound_sink, open_source
from scope.media.round_track import RoundTrack
from scope.media.sound import FileTrack, MadeTrack

RATE, SAMPLES = Fraction(25), 48000
CLICK = 0.5


def click(seconds: float, at: float = CLICK) -> np.ndarray:
    """Silence with a short burst at one moment, float32 (1, N)."""
    wave = np.zeros((1, round(seconds * SAMPLES)), np.float32)
    start = round(at * SAMPLES)
    wave[:, start : start + 480] = np.sin(np.arange(480) * 0.5)[None]
    return wave


@pytest.fixture
def clip(tmp_path) -> Callable[..., Path]:
    """A film of one second with a click in the middle; `late` is when its first picture is shown."""

    def make(name: str, codec: str, *, late: float = 0.0, seconds: float = 1.0) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            video = container.add_stream("mpeg4", rate=RATE)
            video.width, video.height, video.pix_fmt = 32, 24, "yuv420p"
            audio = container.add_stream(codec, rate=SAMPLES, layout="mono")
            assert isinstance(audio, AudioStream)
            for i in range(25):
                frame = av.VideoFrame.from_ndarray(np.full((24, 32, 3), i, np.uint8), "rgb24")
                frame.pts, frame.time_base = i + round(late * 25), 1 / RATE
                container.mux(video.encode(frame))
            sound = av.AudioFrame.from_ndarray(click(seconds), "fltp", "mono")
            sound.sample_rate, sound.pts, sound.time_base = SAMPLES, 0, Fraction(1, SAMPLES)
            for packet in [*audio.encode(sound), *audio.encode(None), *video.encode(None)]:
                container.mux(packet)
        return path

    return make


def copy_film(source_path: Path, target: Path, frames: int = 25) -> list[str]:
    """Pictures and sound of one film into another; what its track had to say."""
    with open_source(source_path, limit=frames) as source:
        assert source.sound is not None
        track = FileTrack(source.sound)
        with open_sink(target, rate=source.rate, track=track) as sink:
            for picture in source:
                sink.write(picture.pixels[None])
    return track.notes


def codec_and_packets(path: Path) -> tuple[str, list[bytes]]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        return stream.codec_context.name, [bytes(packet) for packet in container.demux(stream) if packet.size]


def loudest(path: Path) -> tuple[float, float]:
    """When the sound is loudest, and when it ends, in seconds."""
    peak, when, end = 0.0, 0.0, 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            wave = np.abs(frame.to_ndarray().astype(np.float32)).max(axis=0)
            if wave.max() > peak:
                peak, when = float(wave.max()), (frame.time or 0.0) + int(wave.argmax()) / frame.sample_rate
            end = (frame.time or 0.0) + frame.samples / frame.sample_rate
    return when, end


def test_what_mp4_takes_is_copied_packet_for_packet(clip, tmp_path):
    source = clip("in.mp4", "aac")
    copy_film(source, tmp_path / "out.mp4")
    assert codec_and_packets(tmp_path / "out.mp4") == codec_and_packets(source)
    assert loudest(tmp_path / "out.mp4")[0] == pytest.approx(loudest(source)[0], abs=0.001)


@pytest.mark.parametrize(("name", "codec"), [("in.mov", "pcm_s16le"), ("in.mkv", "aac"), ("in.mkv", "libopus")])
@pytest.mark.parametrize("late", [0.0, 0.2])
def test_sound_stays_in_step_with_the_first_picture(clip, tmp_path, name, codec, late):
    copy_film(clip(name, codec, late=late), tmp_path / "out.mp4")
    kept, _ = codec_and_packets(tmp_path / "out.mp4")
    assert kept == ("opus" if codec == "libopus" else "aac")
    assert loudest(tmp_path / "out.mp4")[0] == pytest.approx(CLICK - late, abs=0.03)


def test_sound_ends_with_the_pictures(clip, tmp_path):
    copy_film(clip("in.mp4", "aac"), tmp_path / "out.mp4", frames=10)
    assert loudest(tmp_path / "out.mp4")[1] == pytest.approx(0.4, abs=0.05)


def test_sound_that_is_shorter_than_the_pictures_stays_short(clip, tmp_path):
    copy_film(clip("in.mp4", "aac", seconds=0.6), tmp_path / "out.mp4")
    with open_source(tmp_path / "out.mp4") as film:
        assert len(list(film)) == 25
    assert loudest(tmp_path / "out.mp4")[1] == pytest.approx(0.6, abs=0.05)


def test_a_film_without_sound_has_none(tmp_path):
    with open_sink(tmp_path / "a.mp4", rate=RATE) as sink:
        sink.write(torch.zeros(2, 16, 16, 3))
    with open_source(tmp_path / "a.mp4") as source:
        assert source.sound is None


def test_made_sound_goes_into_a_film(tmp_path):
    track = MadeTrack(1, SAMPLES)
    with open_sink(tmp_path / "out.mp4", rate=RATE, track=track) as sink:
        for part in np.split(click(1.0), 5, axis=1):
            track.feed(part)
            sink.write(torch.zeros(5, 16, 16, 3))
    assert loudest(tmp_path / "out.mp4")[0] == pytest.approx(CLICK, abs=0.03)


@pytest.mark.parametrize(("name", "rate"), [("out.wav", 12345), ("out.mp4", 12345), ("out.mp4", 44100)])
def test_sound_alone_is_a_file_of_its_own(tmp_path, name, rate):
    wave = np.stack([np.sin(np.arange(rate) * 0.1), np.zeros(rate)]).astype(np.float32)
    with open_sound_sink(tmp_path / name) as sink:
        sink.write(wave[:, : rate // 2], rate)
        sink.write(wave[:, rate // 2 :], rate)
    assert sink.seconds == pytest.approx(1.0)
    with av.open(str(tmp_path / name)) as container:
        assert not container.streams.video
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
        assert container.streams.audio[0].channels == 2
    assert sum(frame.size for frame in frames) / 2 >= rate if name == "out.wav" else frames


def test_samples_in_a_wav_are_exact_to_16_bits(tmp_path):
    wave = np.linspace(-1, 0.9, 4000, dtype=np.float32)[None]
    with open_sound_sink(tmp_path / "a.wav") as sink:
        sink.write(wave, 8000)
    with av.open(str(tmp_path / "a.wav")) as container:
        heard = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)]) / 32768
    assert np.abs(heard - wave[0]).max() <= 1 / 32768


@pytest.mark.parametrize("name", ["a.png", "folder/", "a.flac"])
def test_sound_alone_goes_into_wav_and_mp4_only(tmp_path, name):
    with pytest.raises(MediaError, match=r"there is only sound to write; use \.wav or \.mp4"):
        open_sound_sink(f"{tmp_path}/{name}")


def test_sound_without_a_sample_leaves_nothing(tmp_path, names_in):
    with pytest.raises(MediaError, match="nothing came to write to"), open_sound_sink(tmp_path / "a.wav"):
        pass
    assert names_in(tmp_path) == []


def test_the_sound_of_a_clip_that_goes_round_begins_again_with_its_pictures(clip, tmp_path):
    path = clip("in.mp4", "aac")
    with open_source(path) as source:
        assert source.sound is not None
        track = RoundTrack(source.sound, start=0.25, seconds=1.0)
    with open_sink(tmp_path / "out.mp4", rate=RATE, track=track) as sink:
        sink.write(torch.zeros(62, 24, 32, 3))
    with av.open(str(tmp_path / "out.mp4")) as container:
        samples = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    loud = np.flatnonzero(np.abs(samples) > 0.2) / SAMPLES
    clicks = [loud[0], *(b for a, b in pairwise(loud) if b - a > 0.5)]
    assert clicks == pytest.approx([0.25, 1.25, 2.25], abs=0.03)
