"""`scope render`: the input's sound stays, what a pipeline makes replaces it, and sound alone is a film too."""

from fractions import Fraction

import av
import numpy as np
import pytest
import torch

from scope.media import open_sink
from scope.media.sound import MadeTrack


@pytest.fixture
def clip(tmp_path):
    """One second at 25 frames a second with a tone beside the pictures."""
    track = MadeTrack(1, 8000)
    track.feed(np.sin(np.arange(8000) / 4, dtype=np.float32)[None])
    with open_sink(tmp_path / "in.mp4", rate=Fraction(25), track=track) as sink:
        sink.write(torch.zeros(25, 16, 16, 3))
    return tmp_path / "in.mp4"


def streams(path):
    """Codec and seconds of each stream."""
    with av.open(str(path)) as container:
        return {s.codec_context.name: float((s.duration or 0) * (s.time_base or 0)) for s in container.streams}


def sample_rate(path):
    with av.open(str(path)) as container:
        return container.streams.audio[0].rate


def test_the_sound_of_the_input_stays(scope, clip, tmp_path):
    outcome = scope("render", "dim-test", "--input", clip, "--frames", 10, "--output", tmp_path / "out.mp4")
    assert outcome.code == 0, outcome.err
    assert streams(tmp_path / "out.mp4") == pytest.approx({"h264": 0.4, "aac": 0.4}, abs=0.15)
    assert sample_rate(tmp_path / "out.mp4") == 8000


def test_no_audio_leaves_it_out(scope, clip, tmp_path):
    scope("render", "dim-test", "--input", clip, "--no-audio", "--output", tmp_path / "out.mp4")
    assert streams(tmp_path / "out.mp4").keys() == {"h264"}


def test_what_a_pipeline_makes_replaces_it_also_from_before_a_postprocessor(scope, clip, tmp_path):
    command = ("render", "hum-test", "--input", clip, "--frames", 5, "--post", "dim-test")
    outcome = scope(*command, "--output", tmp_path / "out.mp4")
    assert outcome.code == 0, outcome.err
    assert streams(tmp_path / "out.mp4") == pytest.approx({"h264": 0.2, "aac": 0.5}, abs=0.1)
    assert sample_rate(tmp_path / "out.mp4") == 48000


def test_at_another_playback_rate_it_would_not_fit_and_is_left_out_in_words(scope, clip, tmp_path):
    outcome = scope("render", "slow-test", "--input", clip, "--post", "dim-test", "--output", tmp_path / "out.mp4")
    assert "the input's sound was left out: the film plays at 10 instead of 25 frames a second" in outcome.err
    assert "25 frames, 16x16, 10 a second" in outcome.out
    assert streams(tmp_path / "out.mp4").keys() == {"h264"}


def test_sound_that_begins_too_late_is_left_out_in_words(scope, tmp_path):
    outcome = scope("render", "hum-test", "--frames", 3, "--set", "silent_frames=1", "--output", tmp_path / "out.mp4")
    assert outcome.err.count("the pipeline's sound was left out: it began after the first frame") == 1


@pytest.mark.parametrize(("name", "codec"), [("out.wav", "pcm_s16le"), ("out.mp4", "aac")])
def test_a_pipeline_that_makes_only_sound_gives_a_file_of_sound(scope, tmp_path, name, codec):
    outcome = scope("render", "voice-test", "--seconds", 0.3, "--output", tmp_path / name)
    assert outcome.code == 0, outcome.err
    assert f"{name}: 0.30 s of sound; rendered in " in outcome.out
    assert streams(tmp_path / name) == pytest.approx({codec: 0.3}, abs=0.05)


def test_sound_alone_has_no_place_in_pictures(scope, tmp_path):
    outcome = scope("render", "voice-test", "--output", tmp_path / "out.png")
    assert outcome.code == 2
    assert "there is only sound to write; use .wav or .mp4" in outcome.err
    assert list(tmp_path.glob("*.p*")) == []


def test_frames_with_nan_are_counted_and_an_error_where_it_shall_be(scope, clip, tmp_path):
    command = ("render", "dim-test", "--input", clip, "--frames", 4, "--set", "shape=nan")
    outcome = scope(*command, "--output", tmp_path / "out.mp4")
    assert outcome.code == 0
    assert "4 frames held NaN, shown as black" in outcome.out
    strict = scope(*command, "--strict", "--output", tmp_path / "strict.mp4")
    assert strict.code == 1
    assert "pipeline 'dim-test' returned something unusable: expected finite values in [0, 1], got NaN" in strict.err
    assert not (tmp_path / "strict.mp4").exists()
