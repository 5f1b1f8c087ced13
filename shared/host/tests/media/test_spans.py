"""A video is read in parts without a frame too few or too many, and films are joined as they are."""

from fractions import Fraction

import av
import numpy as np
import pytest
import torch

from scope.media import MediaError, open_sink, open_sound_sink, open_source
from scope.media.joining import JoinedFilm
from scope.media.sound import FileSound, FileTrack
from scope.media.spans import WHOLE, Span, key_frame_spans

RATE = Fraction(25)


@pytest.fixture
def footage(tmp_path):
    """`footage(name, frames, options)`: noise that differs from frame to frame, a key frame at least every ten."""

    def make(name="clip.mp4", frames=47, options="keyint=10:min-keyint=10:bframes=2:scenecut=0", times=None):
        generator = torch.Generator().manual_seed(3)
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream("libx264", rate=RATE)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            stream.options = {"x264-params": options, "crf": "30"}
            stream.codec_context.time_base = Fraction(1, 1000)
            for index in range(frames):
                pixels = torch.randint(0, 256, (6, 8, 3), dtype=torch.uint8, generator=generator)
                picture = pixels.repeat_interleave(8, 0).repeat_interleave(8, 1)
                frame = av.VideoFrame.from_ndarray(picture.numpy(), "rgb24").reformat(format="yuv420p")
                frame.pts, frame.time_base = times[index] if times else 40 * index, Fraction(1, 1000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return tmp_path / name

    return make


def pictures(path, span=WHOLE):
    with open_source(path, span=span) as source:
        return list(source)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
@pytest.mark.parametrize("gop", ["", ":open-gop=1"])
def test_the_parts_together_are_the_whole(footage, name, gop):
    path = footage(name, options="keyint=10:min-keyint=10:bframes=3:b-adapt=0:scenecut=0" + gop)
    spans, whole = key_frame_spans(path, 0.4), pictures(path)
    parts = [picture for span in spans for picture in pictures(path, span)]
    assert len(spans) > 2
    assert [picture.time for picture in parts] == [picture.time for picture in whole]
    assert all(torch.equal(a.pixels, b.pixels) for a, b in zip(parts, whole, strict=True))


def test_a_varying_rate_keeps_its_times_in_parts(footage):
    times = [40 * index + (300 if index > 20 else 0) for index in range(47)]
    path = footage(times=times)
    parts = [picture.time for span in key_frame_spans(path, 0.5) for picture in pictures(path, span)]
    assert parts == pytest.approx([time / 1000 for time in times])


def test_parts_are_about_as_long_as_asked_for_and_know_their_frames(footage):
    path = footage(frames=60)
    spans = key_frame_spans(path, 0.8)
    with_counts = [open_source(path, span=span).count for span in spans]
    assert with_counts == [len(pictures(path, span)) for span in spans] == [20, 20, 20]


def test_one_shot_without_key_frames_stays_whole(footage):
    assert key_frame_spans(footage(options="keyint=infinite:scenecut=0"), 0.4) == [WHOLE]


def test_a_part_that_does_not_begin_with_its_frame_is_refused(footage):
    path = footage()
    with pytest.raises(MediaError, match=r"clip\.mp4 cannot be read from the middle: expected frame 5, got"):
        pictures(path, Span(5, None))


def film(path, frames, size=(32, 32), track=None):
    with open_sink(path, rate=RATE, track=track) as sink:
        sink.write(torch.rand(frames, *size, 3, generator=torch.Generator().manual_seed(frames)))
    return path


def packets(path, kind="video"):
    with av.open(str(path)) as container:
        return [bytes(p) for p in container.demux(container.streams.best(kind)) if p.size]


def test_joined_films_are_their_packets_one_after_the_other(tmp_path):
    films = [film(tmp_path / f"{count}.mp4", count) for count in (7, 1, 30)]
    with JoinedFilm(tmp_path / "all.mp4") as joined:
        for path in films:
            joined.append(path)
    assert joined.frames == 38
    assert packets(tmp_path / "all.mp4") == [packet for path in films for packet in packets(path)]
    whole = pictures(tmp_path / "all.mp4")
    assert [picture.time for picture in whole] == pytest.approx([float(index / RATE) for index in range(38)])
    apart = [picture for path in films for picture in pictures(path)]
    assert all(torch.equal(a.pixels, b.pixels) for a, b in zip(whole, apart, strict=True))


@pytest.fixture
def spoken(tmp_path):
    """Two seconds of sound."""
    with open_sound_sink(tmp_path / "spoken.mp4") as sink:
        sink.write(np.sin(np.arange(2 * 48000) / 20.0)[None].astype(np.float32), 48000)
    return tmp_path / "spoken.mp4"


def test_a_joined_film_has_the_sound_of_the_whole_once(tmp_path, spoken):
    with JoinedFilm(tmp_path / "all.mp4", FileTrack(FileSound(spoken, 0.0))) as joined:
        for count in (13, 14):
            joined.append(film(tmp_path / f"{count}.mp4", count))
    with av.open(str(tmp_path / "all.mp4")) as container:
        sound = sum(frame.samples for frame in container.decode(audio=0)) / 48000
        assert sound == pytest.approx(27 / 25, abs=0.05)
    heard = packets(tmp_path / "all.mp4", "audio")
    assert heard == packets(spoken, "audio")[: len(heard)]


def test_films_of_another_encoding_are_not_joined(tmp_path):
    joined = JoinedFilm(tmp_path / "all.mp4")
    joined.append(film(tmp_path / "a.mp4", 2))
    other = film(tmp_path / "b.mp4", 2, size=(48, 32))
    with (
        pytest.raises(MediaError, match=r"cannot join .*b\.mp4: it is encoded otherwise than the parts before it"),
        joined,
    ):
        joined.append(other)
    assert not (tmp_path / "all.mp4").exists()
    assert list(tmp_path.glob(".*.part")) == []
