"""Packaging rules, each caught on an installed distribution, and limits on the process that runs it."""

import importlib
import io
import json
import os
import sys
from pathlib import Path

import pytest
from mutants.packages import BROKEN_OBJECTS, CLEAN, PACKAGES, Recipe, install
from mutants.processes import FRAGILE, PROCESSES
from mutants.registry import pipeline_mutants

from scope_testkit.checks import packaging
from scope_testkit.heavy import heavy_imports
from scope_testkit.owners import Owner, installed_owners, taken
from scope_testkit.sandbox import Limits, Report, run_worker
from scope_testkit.subject import Subject
from scope_testkit.worker import Journal, check_pipeline


def _found(folder: Path, package: str, recipe: Recipe) -> set[str]:
    distribution = install(folder, package, recipe)
    importlib.invalidate_caches()
    found = list(packaging.described(distribution))
    points = packaging.entry_points(distribution)
    if len(points) == 1:
        found += packaging.imported(distribution, package)
        found += packaging.registered(points[0]).findings
        found += heavy_imports(package, [str(folder), *sys.path]) if recipe.init.startswith("import torch") else []
    return {finding.code for finding in found}


@pytest.mark.parametrize("code", sorted(PACKAGES))
def test_a_broken_package_is_caught_by_its_own_rule_only(code, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    assert _found(tmp_path, f"mutant_{code.lower()}", PACKAGES[code]) == {code}


@pytest.mark.parametrize("code", sorted(BROKEN_OBJECTS))
def test_an_entry_point_that_is_broken_in_another_way_is_named_and_crashes_nothing(code, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    assert _found(tmp_path, f"mutant_other_{code.lower()}", BROKEN_OBJECTS[code]) == {code}


@pytest.mark.parametrize("what", CLEAN)
def test_a_package_without_fault_has_no_finding(what, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    assert _found(tmp_path, f"mutant_{'_'.join(what.split())}", CLEAN[what]) == set()


def test_a_package_without_fault_is_quick_to_import(tmp_path):
    install(tmp_path, "mutant_light", Recipe())
    assert heavy_imports("mutant_light", [str(tmp_path), *sys.path]) == []


def test_an_id_is_taken_by_another_plugin_and_never_by_the_plugin_itself():
    owners = [Owner("mine", "scope-mine", "scope_mine"), Owner("theirs", "scope-theirs", "scope_theirs")]
    assert taken(owners, "another", "another") == {"mine": "scope-mine", "theirs": "scope-theirs"}
    assert taken(owners, "Scope_Mine", "x") == taken(owners, "x", "scope_mine") == {"theirs": "scope-theirs"}


def test_the_owners_of_ids_are_found_beside_a_plugin_that_fails_and_none_where_one_crashes(tmp_path, monkeypatch):
    install(tmp_path, "mutant_mine", Recipe(id="mutant-id"))
    install(tmp_path, "mutant_absent", PACKAGES["P003"])
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{Path(__file__).parent}")
    assert Owner("mutant-id", "mutant_mine", "mutant_mine") in installed_owners.__wrapped__()
    install(tmp_path, "mutant_crash", PROCESSES["X004"])
    assert installed_owners.__wrapped__() == ()


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Runs the worker on a recipe installed in a folder of its own."""

    def work(recipe: Recipe, limits: Limits) -> Report:
        install(tmp_path, "mutant_process", recipe)
        monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{Path(__file__).parent}")
        report = Report("mutant_process")
        run_worker(sys.executable, ["--dist", "mutant_process", "--fast"], report, limits)
        return report

    return work


@pytest.mark.parametrize("code", ["X004", "X005"])
def test_a_process_that_crashes_or_grows_is_ended_and_named(code, work):
    report = work(PROCESSES[code], Limits(gibibytes=0.7))
    assert [f.code for f in report.findings] == [code]
    assert "'register'" in report.findings[0].message


def test_a_pipeline_that_cannot_be_built_is_one_finding_and_no_crash():
    written = io.StringIO()
    assert not check_pipeline(Journal(written), Subject(pipeline_mutants()["X001"], fast=True))
    events = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [event["finding"]["code"] for event in events if event["kind"] == "finding"] == ["X001"]


@pytest.mark.gate  # waits as long as the slowest start of a process may take
def test_a_process_that_hangs_is_ended_and_named(work):
    report = work(PROCESSES["X003"], Limits(seconds=20.0))
    assert [f.code for f in report.findings] == ["X003"]
    assert "'register'" in report.findings[0].message


@pytest.mark.gate
def test_after_a_crash_the_remaining_checks_are_still_made(work):
    report = work(FRAGILE, Limits(seconds=120.0))
    codes = [finding.code for finding in report.findings]
    assert "X004" in codes
    assert "F012" in codes
    assert "mutant-fragile: switching" in report.steps
    crash = next(finding for finding in report.findings if finding.code == "X004")
    assert "status 7 in the step 'mutant-fragile: sizes'" in crash.message
    assert json.dumps([finding.to_json() for finding in report.findings])
