import json

import pytest

from scope_release import cli


@pytest.fixture
def inside(checkout, monkeypatch):
    monkeypatch.chdir(checkout.root / "packages/scope-fx")
    return checkout


def outputs(path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def test_a_release_is_prepared_and_the_push_is_left_to_the_person(inside, capsys):
    assert cli.release(["scope-fx", "minor"]) == 0
    assert "git push --atomic origin HEAD scope-fx-v0.2.0" in capsys.readouterr().out
    assert inside.git("tag") == "scope-fx-v0.2.0"


def test_a_release_tells_which_other_plugins_ship_a_changed_library(inside, capsys):
    cli.release(["scope-fx", "minor"])
    cli.release(["scope-gpu", "minor"])
    said = capsys.readouterr().out
    assert "scope-fx would ship scope-gpu 0.2.0 (was 0.1.0) since scope-fx-v0.2.0" in said
    assert "`uv run release scope-fx minor` makes 0.3.0." in said


def test_a_refusal_is_one_sentence_and_exit_status_one(inside, capsys):
    assert cli.release(["check", "scope-foo-v0.1.0"]) == 1
    said = capsys.readouterr()
    assert said.err == (
        "release: scope-foo-v0.1.0: No package is called 'scope-foo'; "
        "there are scope-fx, scope-gpu, scope-release, scope-synth.\n"
    )


def test_a_check_hands_its_findings_to_the_workflow(inside, tmp_path, capsys):
    cli.release(["scope-fx", "minor"])
    path = tmp_path / "outputs"
    assert cli.release(["check", "scope-fx-v0.2.0", "--outputs", str(path)]) == 0
    assert outputs(path) == {"package": "scope-fx", "version": "0.2.0", "plugin": "true"}
    cli.release(["notes", "scope-fx-v0.2.0"])
    assert capsys.readouterr().out.endswith("### Added\n\n- First version.\n")


def test_changed_packages_are_printed_and_become_a_matrix(inside, tmp_path, capsys):
    base = inside.git("rev-parse", "HEAD")
    inside.write("packages/scope-fx/src/scope_fx/x.py", "")
    head = inside.commit("Change")
    path = tmp_path / "outputs"
    assert cli.ci(["changed", base, head, "--outputs", str(path)]) == 0
    assert capsys.readouterr().out == "scope-fx\n"
    found = {name: json.loads(value) for name, value in outputs(path).items()}
    assert found["wheels"] == ["scope-fx"]
    assert found["spanning"] is True
    assert {test["os"] for test in found["tests"]} == {"ubuntu-latest", "windows-latest", "macos-latest"}
    assert {(test["package"], test["folder"]) for test in found["tests"]} == {("scope-fx", "packages/scope-fx")}


def test_a_private_tool_is_tested_but_makes_no_wheel(inside, tmp_path):
    path = tmp_path / "outputs"
    cli.ci(["changed", "0" * 40, "HEAD", "--outputs", str(path)])
    found = {name: json.loads(value) for name, value in outputs(path).items()}
    assert "scope-release" not in found["wheels"]
    assert "scope-release" in {test["package"] for test in found["tests"]}


@pytest.mark.parametrize(
    ("results", "advisory", "status"),
    [({"a": "success"}, [], 0), ({"a": "failure"}, [], 1), ({"a": "failure"}, ["--advisory", "a"], 0)],
)
def test_the_gate_reads_the_results_of_the_jobs(monkeypatch, results, advisory, status):
    monkeypatch.setenv("NEEDS", json.dumps({name: {"result": result} for name, result in results.items()}))
    assert cli.ci(["gate", *advisory]) == status


def test_a_wheel_that_is_not_there_is_refused(inside, capsys):
    assert cli.ci(["test-wheel", "scope-fx", "nowhere.whl"]) == 1
    assert capsys.readouterr().err == "ci: scope-fx: there is no wheel at nowhere.whl.\n"
