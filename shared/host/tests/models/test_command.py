"""`scope models` with an installed pipeline whose weights lie on a hub-shaped server."""

import json
import os
import signal
import sys
import threading
import time

import pytest
from PIL import Image

from scope.cli import main

PLUGIN = """
import torch

from scope.core import hookimpl
from scope.core.config import get_model_file_path
from scope.core.pipelines.artifacts import HuggingfaceRepoArtifact
from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline


class Config(BasePipelineConfig):
    pipeline_id = "weighty"
    pipeline_name = "Weighty"
    pipeline_description = "Needs weights."
    modes = {"text": ModeDefaults(default=True)}
    artifacts = [HuggingfaceRepoArtifact(repo_id="team/Parts", files=["weights.pt"])]


class Weighty(Pipeline):
    @classmethod
    def get_config_class(cls):
        return Config

    def __init__(self, **kwargs):
        self.weight = get_model_file_path("Parts/weights.pt").stat().st_size / 6000

    def __call__(self, **kwargs):
        return {"video": torch.full((1, 8, 8, 3), self.weight)}


@hookimpl
def register_pipelines(register):
    register(Weighty)
"""


@pytest.fixture
def weighty(hub, models, tmp_path, monkeypatch):
    hub.files["team/Parts"] = {"weights.pt": b"w" * 3000}
    site = tmp_path / "site"
    info = site / "scope_weighty-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "plug_weighty.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: scope-weighty\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[scope]\nweighty = plug_weighty\n")
    monkeypatch.syspath_prepend(str(site))
    yield models
    sys.modules.pop("plug_weighty", None)


def rows(capsys) -> list[dict]:
    capsys.readouterr()
    assert main(["models", "list", "--json"]) == 0
    return [row for row in json.loads(capsys.readouterr().out)["files"] if row["pipeline"] == "weighty"]


def test_list_download_verify_and_remove(weighty, capsys):
    assert rows(capsys) == [{"pipeline": "weighty", "file": "Parts/weights.pt", "present": False, "size": None}]
    assert main(["models", "download", "weighty"]) == 0
    assert "weighty: 3.0 kB downloaded" in capsys.readouterr().out
    assert rows(capsys)[0]["size"] == 3000
    assert main(["models", "verify", "weighty"]) == 0
    (weighty / "Parts/weights.pt").write_bytes(b"v" * 3000)
    assert main(["models", "verify", "weighty"]) == 1
    assert main(["models", "remove", "weighty", "--yes"]) == 0
    assert "3.0 kB are free again" in capsys.readouterr().out
    assert not rows(capsys)[0]["present"]


def test_a_download_that_fails_is_one_sentence_and_status_1(weighty, hub, capsys):
    del hub.files["team/Parts"]
    assert main(["models", "download", "weighty"]) == 1
    assert "team/Parts does not exist, or is private" in " ".join(capsys.readouterr().err.split())


def test_ctrl_c_says_what_is_kept_and_is_status_130(weighty, hub, capsys):
    hub.stall_after["weights.pt"] = 1000

    def interrupt() -> None:
        while not hub.served.get("weights.pt"):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, name="test:interrupt").start()
    assert main(["models", "download", "weighty"]) == 130
    assert "error: Cancelled; nothing had come yet." in capsys.readouterr().err


def test_an_unknown_pipeline_is_named(weighty, capsys):
    assert main(["models", "download", "weigty"]) == 2
    assert "did you mean 'weighty'" in " ".join(capsys.readouterr().err.split())


def test_render_asks_for_what_is_missing_or_is_told_to_fetch_it(weighty, tmp_path, capsys):
    command = ["render", "weighty", "--output", str(tmp_path / "one.png"), "--frames", "1"]
    assert main(command) == 2
    told = capsys.readouterr().err
    assert "Model files are missing: " in told
    assert "give --download to fetch them" in told
    assert main([*command, "--download"]) == 0
    assert Image.open(tmp_path / "one.png").getpixel((4, 4)) == (128, 128, 128)


def test_at_a_terminal_a_download_is_agreed_to_with_its_size_and_license(weighty, tmp_path, capsys, monkeypatch):
    asked = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda question: asked.append(question))
    assert main(["render", "weighty", "--output", str(tmp_path / "one.png"), "--frames", "1"]) == 2
    assert asked == ["Download 1 file, 3.0 kB, team/Parts: license apache-2.0?"]
