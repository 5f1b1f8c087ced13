"""The main job: real footage through real plugins, by the command line, into files that other programs play."""

import json
import shutil
import subprocess
from fractions import Fraction

import numpy as np
import pytest
import torch
from PIL import Image

from scope.cli import main
from scope.media import open_source, sample_clip

FFPROBE = shutil.which("ffprobe")


def run(*argv):
    return main([str(word) for word in argv])


def probe(path):
    """What ffprobe counts by decoding every frame."""
    assert FFPROBE
    command = [FFPROBE, "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(path)]
    (stream,) = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"]
    return stream


def frames_of(path):
    with open_source(path) as source:
        return torch.stack([picture.pixels for picture in source])


@pytest.mark.skipif(FFPROBE is None, reason="needs ffprobe, from the system's package ffmpeg")
def test_a_chain_over_real_footage_keeps_every_frame_and_its_rate(tmp_path):
    film = tmp_path / "out.mp4"
    chain = ("render", "fx", "--input", sample_clip(), "--pre", "control", "--post", "fx")
    settings = ("--set", "control.control_map=line_art", "--set", "fx.bloom=0.5", "--at", "1.5s", "fx.halftone=0.8")
    assert run(*chain, *settings, "--frames", 60, "--output", film) == 0
    stream = probe(film)
    assert stream["codec_name"] == "h264"
    assert int(stream["nb_read_frames"]) == 60
    assert Fraction(stream["r_frame_rate"]) == 25
    assert (stream["width"], stream["height"]) == (640, 360)


def test_a_slider_moved_in_mid_stream_changes_the_picture_from_that_frame_on(tmp_path):
    plain, moved = tmp_path / "plain_%04d.png", tmp_path / "moved_%04d.png"
    command = ("render", "fx", "--input", sample_clip(), "--frames", 6)
    assert run(*command, "--output", plain) == 0
    assert run(*command, "--at", "120ms", "grade_exposure=1", "--output", moved) == 0
    differs = (frames_of(plain) != frames_of(moved)).flatten(1).any(dim=1).tolist()
    assert differs == [False, False, False, True, True, True]


def test_fx_at_its_defaults_gives_the_input_back(tmp_path):
    assert run("render", "fx", "--input", sample_clip(), "--frames", 3, "--output", tmp_path / "f_%04d.png") == 0
    with open_source(sample_clip(), limit=3) as source:
        original = torch.stack([picture.pixels for picture in source])
    assert torch.equal(frames_of(tmp_path / "f_%04d.png"), original)


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_the_same_seed_gives_the_same_film(tmp_path, dtype):
    films = []
    for name in ("a", "b"):
        command = ("render", "fx", "--input", sample_clip(), "--frames", 4, "--frame-dtype", dtype)
        assert (
            run(*command, "--set", "grain=0.6", "--set", "glitch=0.8", "--output", tmp_path / f"{name}_%04d.png") == 0
        )
        films.append(frames_of(tmp_path / f"{name}_%04d.png"))
    assert torch.equal(*films)


def test_a_generator_draws_the_prompt_and_goes_through_a_postprocessor(tmp_path):
    command = ("render", "synth", "--prompt", "hello", "--frames", 3, "--size", "160x96", "--post", "fx")
    assert run(*command, "--output", tmp_path / "a_%04d.png") == 0
    assert run(*command, "--prompt", "world", "--output", tmp_path / "b_%04d.png") == 0
    hello, world = frames_of(tmp_path / "a_%04d.png"), frames_of(tmp_path / "b_%04d.png")
    assert tuple(hello.shape) == (3, 96, 160, 3)
    assert not torch.equal(hello, world)


@pytest.mark.gate
def test_the_demo_shows_every_pipeline_that_needs_no_model(tmp_path, capfd):
    assert run("demo", "--output", tmp_path, "--frames", 4) == 0
    printed = capfd.readouterr().out
    for pipeline in ("synth", "fx", "control"):
        assert frames_of(tmp_path / f"{pipeline}.mp4").float().std() > 5
    assert "wan-vace: skipped, " in printed
    sheet = np.asarray(Image.open(tmp_path / "contact-sheet.png").convert("RGB"))
    assert sheet.shape[1] > 1600
    assert sheet.std() > 20
