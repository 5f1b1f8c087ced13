"""The plugin as the embedded host finds, lists and runs it."""

import json

import pytest

from scope.cli import main
from scope.media import open_source


def pictures(path):
    with open_source(path) as source:
        return [picture.pixels for picture in source]


def render(target, *options):
    return main(["render", "wan-vace", "--output", str(target), "--load", "vae_type=tae", "--size", "48x32", *options])


@pytest.mark.usefixtures("in_models_dir")
def test_text_mode_renders_a_film(tmp_path):
    assert render(tmp_path / "film.mp4", "--frames", "21", "--prompt", "a fox") == 0
    frames = pictures(tmp_path / "film.mp4")
    assert [frame.shape for frame in frames] == [(32, 48, 3)] * 21


@pytest.mark.usefixtures("in_models_dir")
@pytest.mark.parametrize("options", [[], ["--pre", "control", "--set", "control.control_send_vace=true"]])
def test_video_mode_renders_a_film_alone_and_behind_a_control_map(tmp_path, options):
    film = tmp_path / "film.mp4"
    assert render(film, "--input", "testpattern", "--frames", "24", "--prompt", "a fox", *options) == 0
    # The first chunk is nine frames long and starts from the newest nine of its twelve.
    assert len(pictures(film)) == 9 + 12


def test_missing_models_are_listed_and_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["pipelines"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "wan-vace" in line)
    assert "text, video" in line
    assert "16 files missing" in line
    assert render(tmp_path / "film.mp4", "--frames", "1") != 0
    assert "Wan2_1-VACE_module_1_3B_bf16.safetensors is missing" in capsys.readouterr().err


def test_schema_has_its_controls(capsys):
    assert main(["schema", "wan-vace"]) == 0
    fields = json.loads(capsys.readouterr().out)["config_schema"]["properties"]
    components = {field["ui"].get("component") for field in fields.values() if "ui" in field}
    assert {"resolution", "vace", "lora", "cache", "denoising_steps", "noise", "quantization", "image"} <= components
