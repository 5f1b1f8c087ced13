"""What is installed, and what is wrong with it."""

import json
from importlib import metadata

import pytest


def test_pipelines_shows_id_modes_place_plugin_and_models(scope):
    outcome = scope("pipelines")
    assert outcome.code == 0
    rows = {line.split()[0]: line for line in outcome.out.splitlines()}
    assert rows["dim-test"].split() == ["dim-test", "Dim", "video", "preprocessor", "lamp-test", "none", "needed"]
    assert rows["glow-test"].split()[2:5] == ["text,", "video", "-"]
    assert rows["heavy-test"].rstrip().endswith("4 files missing")


def test_schema_is_json(scope):
    outcome = scope("schema", "dim-test")
    schema = json.loads(outcome.out)
    assert schema["id"] == "dim-test"
    assert schema["config_schema"]["properties"]["level"]["maximum"] == 1.0


def test_schema_of_an_unknown_pipeline_names_the_nearest(scope):
    outcome = scope("schema", "dim-tst")
    assert outcome.code == 2
    assert "error: no pipeline 'dim-tst'; did you mean 'dim-test'?" in outcome.err
    assert "see `scope plugins` for what is installed, and what is broken" in outcome.err


@pytest.mark.usefixtures("break_plugin")
def test_plugins_shows_the_broken_one_with_its_cause_beside_the_good_one(scope):
    outcome = scope("plugins")
    assert outcome.code == 0
    assert "ok" in next(line for line in outcome.out.splitlines() if line.startswith("lamp-test"))
    assert "broken" in next(line for line in outcome.out.splitlines() if line.startswith("broken-test"))
    assert "could not be imported: ModuleNotFoundError: No module named 'a_module_that_is_not_there'" in outcome.out


def test_plugins_tells_what_this_host_does_not_run_or_offer(scope):
    out = scope("plugins").out
    assert "    node lamp-node is not run by this host" in out
    assert "    imports the insides of the original host: scope.server.frames.FrameProcessor" in out


@pytest.mark.usefixtures("break_plugin")
def test_other_commands_say_nothing_of_a_broken_plugin(scope):
    outcome = scope("pipelines")
    assert outcome.code == 0
    assert "dim-test" in outcome.out
    assert outcome.err == ""


def test_bench_lists_and_refuses_unknown_names(scope):
    assert scope("bench").code == 0
    outcome = scope("bench", "nothing-of-that-name")
    assert outcome.code == 2
    assert "no benchmark 'nothing-of-that-name'" in outcome.err


def test_the_version_is_that_of_the_host(scope):
    assert scope("--version").out == f"scope-host {metadata.version('scope-host')}\n"


def test_a_command_of_the_kit_says_where_it_comes_from_if_that_is_not_there(scope, monkeypatch):
    monkeypatch.setattr(metadata, "entry_points", lambda **group: [])
    shown = scope("check", ".")
    assert shown.code == 2
    assert "'scope check' comes with scope-testkit, which is not installed beside this host" in shown.err
