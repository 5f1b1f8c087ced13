"""`scope batch` from the command line: the plan, the work, the report, and one sentence for what is wrong."""

import json

import pytest

from scope.cli.batch import parse_seeds, parse_sweep
from scope.cli.errors import UserError
from scope.runtime.graph import Graph


@pytest.fixture
def setup(tmp_path):
    path = tmp_path / "setup.json"
    stages = [{"id": "glow", "pipeline": "glow-test", "load": {"width": 16, "height": 16}}]
    path.write_text(json.dumps({"scope": 1, "stages": stages}))
    return path


@pytest.fixture
def site_for_children(scope, monkeypatch):
    """Worker processes see the plugin that `scope` has installed for this one."""
    import os
    import sys

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((sys.path[0], os.environ.get("PYTHONPATH", ""))))


def test_a_dry_run_says_what_would_be_rendered_and_what_it_would_take(scope, setup, tmp_path):
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a fox\n\nan owl\n")
    outcome = scope(
        *("batch", setup, "--output", tmp_path / "out", "--sweep", "level=0:1:5", "--prompts", prompts),
        *("--seeds", "1..2", "--frames", 6, "--workers", 2, "--dry-run"),
    )
    assert outcome.code == 0, outcome.err
    assert "film__level-0__prompt-1__seed-1.mp4: 6 frames of the set-up" in outcome.out
    assert "… and 10 more\n20 films, 120 frames\n" in outcome.out
    assert "with 2 workers, estimated from 24 frames rendered now" in outcome.out
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("site_for_children")
def test_films_are_made_once_and_reported(scope, setup, tmp_path):
    command = ("batch", setup, "--output", tmp_path / "out", "--seeds", "3,5", "--seconds", 0.2, "--workers", 1)
    outcome = scope(*command)
    assert outcome.code == 0, outcome.err
    assert "2 films with 12 frames -> " in outcome.out
    assert "0 films with 0 frames -> " in (again := scope(*command).out)
    assert again.rstrip().endswith("2 were there already")
    report = scope("batch", "report", tmp_path / "out")
    assert report.out.count("film__seed-") == 2
    assert "contact sheet -> " in report.out
    assert (tmp_path / "out" / "contact-sheet.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("{setup}",), "give a set-up and --output FOLDER, or report and a batch's folder"),
        (("{setup}", "-o", "{out}", "-i", "{out}/*.mov"), "no file is named like"),
        (
            ("{setup}", "-o", "{out}", "--sweep", "level=0:9:3"),
            "parameter 'level' expected a number from 0 to 1, got 4.5",
        ),
        (("{setup}", "-o", "{out}", "--sweep", "levl=1"), "did you mean 'level'?"),
        (("{setup}", "-o", "{out}", "--seeds", "a"), "--seeds: expected 1..8 or 3,5,9, got 'a'"),
        (("{setup}", "-o", "s3://films/x"), "where the output is a URL, give --manifest FOLDER"),
        (("{setup}", "-o", "{out}", "--prompts", "{out}/none.txt"), "cannot read"),
        (("{setup}", "-o", "{setup}"), "cannot write to"),
        (("report",), "give a batch's folder: scope batch report out/"),
        (("report", "{out}"), "no batch has written to"),
    ],
)
def test_what_is_wrong_is_one_sentence(scope, setup, tmp_path, arguments, message):
    names = {"setup": setup, "out": tmp_path / "out"}
    outcome = scope("batch", *(word.format(**names) for word in arguments))
    assert outcome.code == 2
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_steps_of_a_sweep_include_both_ends(scope, setup):
    from scope.cli.console import installed

    graph = Graph.of_ids(installed(), "glow-test", source=False)
    assert parse_sweep(graph, "level=0:1:5").values == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert parse_sweep(graph, "glow-test.level=0.5").label == "glow-test.level"
    assert parse_sweep(graph, "height=1:3:7").values == [1, 2, 3]
    assert parse_sweep(graph, "level=0,1").values == [0.0, 1.0]


def test_seeds_are_a_range_or_a_list():
    assert (parse_seeds("1..3"), parse_seeds("3,5"), parse_seeds(None)) == ([1, 2, 3], [3, 5], [])
    with pytest.raises(UserError, match="--seeds: expected"):
        parse_seeds("3..1")
