"""`scope models` with an installed pipeline whose weights lie on a hub-shaped server."""

import json
import sys

import pytest

from scope.cli import main

PLUGIN = """
from scope.core import hookimpl
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

    def __call__(self, **kwargs):
        return {}


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


def test_an_unknown_pipeline_is_named(weighty, capsys):
    assert main(["models", "download", "weigty"]) == 2
    assert "did you mean 'weighty'" in " ".join(capsys.readouterr().err.split())
