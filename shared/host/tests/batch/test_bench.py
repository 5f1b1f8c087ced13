"""The benchmark measures what it says it does."""

import json

import pytest

from scope.batch.bench import options, run
from scope.cli.words import fill_address


@pytest.mark.usefixtures("plugin")
def test_every_way_of_working_renders_every_frame(tmp_path, capfd):
    arguments = ["--pipeline", "moody-test", "--jobs", "2", "--frames", "3", "--workers", "1"]
    assert run([*arguments, "--json", str(tmp_path / "b.json")]) == 0
    told = json.loads((tmp_path / "b.json").read_text())
    assert [(one["who"], one["films"], one["frames"]) for one in told["measured"]] == [
        ("plain", 2, 6),
        ("1 worker", 2, 6),
    ]
    assert all(one["speed"] > 0 for one in told["measured"])
    assert "2 clips of 3 frames, 640x360, moody-test" in capfd.readouterr().out


def test_ray_may_be_asked_for_with_and_without_an_address():
    told = [options().parse_args(fill_address(words)).ray for words in ([], ["--ray"], ["--ray", "head:6379"])]
    assert told == [None, "", "head:6379"]
