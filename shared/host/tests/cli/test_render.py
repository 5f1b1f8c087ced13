"""`scope render`: whole films, and one clear sentence for everything that a person can get wrong."""

import re
from fractions import Fraction

import pytest
import torch

from scope.cli.render import parse_size, parse_time
from scope.cli.words import join_times
from scope.media import open_sink, open_source


def pictures(path):
    with open_source(path) as source:
        return [picture.pixels for picture in source], source.rate


@pytest.fixture
def clip(tmp_path):
    """Twelve grey frames at 25 a second, ever brighter, 48x32."""
    path = tmp_path / "in.mp4"
    with open_sink(path, rate=Fraction(25)) as sink:
        for i in range(12):
            sink.write(torch.full((1, 32, 48, 3), i / 12))
    return path


def test_a_film_has_as_many_frames_as_its_input_at_its_rate_and_size(scope, clip, tmp_path):
    outcome = scope("render", "dim-test", "--input", clip, "--output", tmp_path / "out.mp4")
    frames, rate = pictures(tmp_path / "out.mp4")
    assert outcome.code == 0, outcome.err
    assert (len(frames), rate, tuple(frames[0].shape)) == (12, 25, (32, 48, 3))
    assert re.search(
        r"dim-test -> .*out\.mp4: 12 frames, 48x32, 25 a second; rendered in .* frames a second", outcome.out
    )


def test_settings_reach_the_stage_they_name_at_their_time(scope, clip, tmp_path):
    scope(
        *("render", "glow-test", "--input", clip, "--pre", "dim-test", "--post", "dim-test"),
        *("--set", "glow-test.level=0.5", "--at", "0.2s", "dim-test.level=0", "--output", tmp_path / "f_%04d.png"),
    )
    frames, _ = pictures(tmp_path / "f_%04d.png")
    means = [float(frame.float().mean()) for frame in frames]
    assert len(means) == 12
    assert means[4] > 60
    assert means[5:] == [0.0] * 7


def test_a_second_pipeline_of_a_kind_is_set_by_an_id_of_its_own(scope, clip, tmp_path):
    outcome = scope(
        *("render", "dim-test", "--input", clip, "--post", "dim-test", "--post", "dim-test"),
        *("--set", "dim-test-3.level=0", "--frames", 2, "--output", tmp_path / "f_%04d.png"),
    )
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith("dim-test > dim-test-2 > dim-test-3 -> ")
    assert [float(frame.float().mean()) for frame in pictures(tmp_path / "f_%04d.png")[0]] == [0.0, 0.0]


def test_a_parameter_that_only_one_stage_has_needs_no_id(scope, clip, tmp_path):
    arguments = ("render", "glow-test", "--input", clip, "--pre", "dim-test", "--set", "crash_after=3")
    outcome = scope(*arguments, "--output", tmp_path / "out.mp4")
    assert outcome.code == 1
    assert "pipeline 'dim-test' failed in a call: RuntimeError: the lamp burned out" in outcome.err
    assert not (tmp_path / "out.mp4").exists()


def test_a_text_pipeline_makes_frames_from_time_prompt_size_and_seed(scope, tmp_path):
    command = ("render", "glow-test", "--frames", 3, "--fps", 10, "--size", "64x36", "--seed", 255)
    outcome = scope(*command, "--output", tmp_path / "f_%04d.png")
    frames, _ = pictures(tmp_path / "f_%04d.png")
    assert outcome.code == 0, outcome.err
    assert [tuple(frame.shape) for frame in frames] == [(36, 64, 3)] * 3
    assert [frame[0, 0].tolist() for frame in frames] == [[0, 128, 255], [26, 128, 255], [51, 128, 255]]
    scope(*command, "--prompt", "a red sun", "--output", tmp_path / "g.png")
    assert pictures(tmp_path / "g.png")[0][0][0, 0].tolist() == [255, 128, 255]


def test_seconds_and_frames_count_the_same(scope, clip, tmp_path):
    scope("render", "glow-test", "--seconds", 0.5, "--fps", 10, "--size", "16x16", "--output", tmp_path / "a.mp4")
    scope("render", "dim-test", "--input", clip, "--seconds", 0.2, "--output", tmp_path / "b.mp4")
    scope("render", "dim-test", "--input", clip, "--frames", 7, "--output", tmp_path / "c.mp4")
    assert [len(pictures(tmp_path / f"{n}.mp4")[0]) for n in "abc"] == [5, 5, 7]


def test_the_size_crops_the_input(scope, clip, tmp_path):
    scope("render", "dim-test", "--input", clip, "--size", "20x20", "--output", tmp_path / "out.png")
    assert tuple(pictures(tmp_path / "out.png")[0][0].shape) == (20, 20, 3)


def test_pipelines_can_receive_uint8_as_from_the_original_host(scope, clip, tmp_path):
    for dtype in ("float32", "uint8"):
        scope("render", "dim-test", "--input", clip, "--frame-dtype", dtype, "--output", tmp_path / f"{dtype}.png")
    assert torch.equal(pictures(tmp_path / "uint8.png")[0][0], pictures(tmp_path / "float32.png")[0][0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("render", "dim-tset", "--input", "{clip}"), "no pipeline 'dim-tset'; did you mean 'dim-test'?"),
        (("render", "dim-test"), "dim-test in video mode needs a picture to work on; give --input FILE"),
        (("render", "dim-test", "--input", "nowhere.mp4"), "there is no file nowhere.mp4"),
        (("render", "dim-test", "--input", "{empty}"), "empty.mp4"),
        (("render", "dim-test", "--input", "{clip}", "--set", "levle=1"), "did you mean 'level'?"),
        (("render", "dim-test", "--input", "{clip}", "--set", "level=x"), "expected a number from 0 to 1, got 'x'"),
        (("render", "dim-test", "--input", "{clip}", "--set", "level=2"), "expected a number from 0 to 1, got '2'"),
        (("render", "dim-test", "--input", "{clip}", "--set", "level"), "expected a parameter as name=value"),
        (
            ("render", "dim-test", "--input", "{clip}", "--set", "other.level=1"),
            "no pipeline 'other' in this chain (dim-t",
        ),
        (("render", "dim-test", "--input", "{clip}", "--set", "strength=2"), "use --load strength=2"),
        (
            ("render", "dim-test", "--input", "{clip}", "--load", "strength=x"),
            "expected a number of at least 0, got 'x'",
        ),
        (("render", "dim-test", "--input", "{clip}", "--at", "soon", "level=1"), "expected a time and a parameter"),
        (
            ("render", "dim-test", "--input", "{clip}", "--prompt", "hi"),
            "dim-test takes no prompt; leave --prompt away",
        ),
        (("render", "dim-test", "--input", "{clip}", "--mode", "text"), "dim-test has no mode 'text'; it has video"),
        (("render", "dim-test", "--input", "{clip}", "--size", "12"), "--size: expected WIDTHxHEIGHT such as 640x360"),
        (("render", "dim-test", "--input", "{clip}", "--frames", "2", "--seconds", "1"), "not both"),
        (
            ("render", "glow-test", "--pre", "dim-test"),
            "a preprocessor needs a picture, and glow-test in text mode has none",
        ),
        (("render", "glow-test", "--input", "{clip}", "--mode", "text"), "glow-test in text mode takes no input"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(scope, clip, tmp_path, arguments, message):
    (tmp_path / "empty.mp4").write_bytes(b"")
    names = {"clip": clip, "empty": tmp_path / "empty.mp4"}
    outcome = scope(*(word.format(**names) for word in arguments), "--output", tmp_path / "out.mp4")
    assert outcome.code == 2
    assert message in outcome.err
    assert "Traceback" not in outcome.err
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("option", ["--nonsense", "--frames=0", "--frame-dtype=int8"])
def test_unknown_and_impossible_options_have_exit_code_2(scope, clip, tmp_path, option):
    outcome = scope("render", "dim-test", "--input", clip, "--output", tmp_path / "out.mp4", option)
    assert outcome.code == 2
    assert option.split("=")[0] in outcome.err


def test_an_output_folder_that_is_not_there_is_known_before_rendering(scope, clip, tmp_path):
    outcome = scope(
        "render", "dim-test", "--input", clip, "--set", "crash_after=0", "--output", tmp_path / "no" / "o.mp4"
    )
    assert outcome.code == 2
    assert "does not exist" in outcome.err


def test_a_wrong_tensor_stops_the_film_with_exit_code_1(scope, clip, tmp_path):
    outcome = scope("render", "dim-test", "--input", clip, "--set", "shape=hwc", "--output", tmp_path / "out.mp4")
    assert outcome.code == 1
    assert "pipeline 'dim-test' returned something unusable: expected a tensor THWC" in outcome.err
    assert not (tmp_path / "out.mp4").exists()


def test_a_constructor_that_fails_shows_its_reason(scope, clip, tmp_path):
    outcome = scope("render", "dim-test", "--input", clip, "--load", "strength=11", "--output", tmp_path / "out.mp4")
    assert outcome.code == 1
    assert "could not be loaded: ValueError: no lamp is that strong" in outcome.err


def test_a_pipeline_that_cannot_load_without_its_models_says_which_are_missing(scope, tmp_path):
    outcome = scope("render", "heavy-test", "--output", tmp_path / "out.mp4")
    assert outcome.code == 2
    assert "could not be loaded: FileNotFoundError: w1.pth is not there" in outcome.err
    assert re.search(r"Model files are missing: .*w1\.pth, .*w2\.pth, .*w3\.pth and 1 more", outcome.err)


def test_a_time_and_its_setting_are_one_value_for_the_parser():
    argv = ["render", "x", "--at", "2.5s", "a=1", "--set", "b=2", "--at", "3s c=3", "--at", "4s", "d=5"]
    expected = ["render", "x", "--at", "2.5s a=1", "--set", "b=2", "--at", "3s c=3", "--at", "4s d=5"]
    assert join_times(argv) == expected


@pytest.mark.parametrize(("text", "seconds"), [("2.5s", 2.5), ("250ms", 0.25), ("3", 3.0), (".5", 0.5)])
def test_times_are_seconds_or_milliseconds(text, seconds):
    assert parse_time(text) == seconds


def test_a_size_is_width_by_height():
    assert parse_size("640x360") == (640, 360)
