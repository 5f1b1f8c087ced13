"""`scope check` on project folders: the wheel is built and examined in a clean environment."""

import json

import pytest
from mutants.projects import INSIDES, write
from typer.testing import CliRunner

from scope_testkit.__main__ import app
from scope_testkit.checks import packaging
from scope_testkit.examine import allowances, examine_target, with_allowances
from scope_testkit.findings import Finding, Place
from scope_testkit.sandbox import Limits, Report
from scope_testkit.target import TargetError, resolve

pytestmark = pytest.mark.timeout(600)


@pytest.mark.gate
@pytest.mark.parametrize("code", ["", "P016"])
def test_a_wheel_is_built_and_examined_in_a_clean_environment(code, tmp_path):
    report = examine_target(resolve(str(write(tmp_path, code))), Limits(), fast=True)
    assert {f.code for f in report.findings} == {code} - {""}, report.findings
    assert not [skip for skip in report.skipped if skip["why"] != "fast"]


def test_a_folder_that_is_not_named_like_its_distribution_is_caught(tmp_path):
    assert [f.code for f in packaging.folder_name(write(tmp_path, "P011"))] == ["P011"]
    assert list(packaging.folder_name(write(tmp_path, ""))) == []


def test_an_allowance_needs_a_finding_and_a_reason(tmp_path):
    found = Finding("V005", "hue: no value changed the picture", Place(field="hue"))
    reasons = allowances(write(tmp_path, "P020"))
    assert reasons == {"V005": "the table is in a file"}
    (kept,) = with_allowances(Report("scope-dim", [found]), reasons)
    assert (kept.code, kept.allowed) == ("V005", "the table is in a file")
    assert [f.code for f in with_allowances(Report("scope-dim"), reasons)] == ["P020"]
    assert [f.code for f in with_allowances(Report("scope-dim", [found]), {"V005:hue": " "})] == ["V005", "P020"]


def test_check_prints_json_and_fails_on_errors(tmp_path):
    result = CliRunner().invoke(app, ["check", "--json", "--fast", str(write(tmp_path, "P015"))])
    (report,) = json.loads(result.stdout)
    assert result.exit_code == 1
    assert report["ok"] is False
    assert report["findings"][0]["code"] == "P015"
    assert report["findings"][0]["fix"]


@pytest.mark.gate
def test_check_says_in_a_sentence_that_it_could_look_at_nothing(tmp_path):
    result = CliRunner().invoke(app, ["check", "--fast", str(write(tmp_path, INSIDES))])
    assert result.exit_code == 3
    assert result.stderr == (
        "scope-dimp018: no pipeline could be examined: "
        "imports the insides of the original host: scope.server.frames.FrameProcessor\n"
    )


def test_check_of_something_unknown_says_what_it_looked_for():
    result = CliRunner().invoke(app, ["check", "no-such-plugin"])
    assert result.exit_code == 2
    assert "expected a plugin's folder, wheel, distribution name or pipeline id, got 'no-such-plugin'" in result.output


def test_a_name_that_is_nearly_that_of_a_folder_here_brings_its_name(tmp_path, monkeypatch):
    write(tmp_path, "")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TargetError, match="got 'dim'; did you mean 'scope-dim'"):
        resolve("dim")


def test_a_folder_without_a_project_is_refused(tmp_path):
    with pytest.raises(TargetError, match=r"expected a project with pyproject\.toml"):
        resolve(str(tmp_path))
