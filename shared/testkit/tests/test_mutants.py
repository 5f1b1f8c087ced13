"""Calibration: each rule has a small broken plugin that is caught by that rule and by no other."""

import pytest
from mutants.registry import pipeline_mutants

from scope_testkit.checks import basics, edges, parameters
from scope_testkit.findings import Finding
from scope_testkit.subject import Subject
from scope_testkit.suite import examine

MUTANTS = pipeline_mutants()


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_mutant_is_caught_by_its_own_rule_only(name):
    code = name.split()[0]
    subject = Subject(MUTANTS[name], size=(48, 64), fast=True)
    found = [result for result in examine(subject) if isinstance(result, Finding)]
    assert {finding.code for finding in found} == {code}, [f"{f.code} {f.message}" for f in found]


@pytest.mark.parametrize(
    ("name", "check", "needed"),
    [
        ("F018 behind a parameter", basics.outputs, "a call with black frames fails with tint='red': AssertionError"),
        ("V001 behind a toggle", parameters.allowed_values, "gain=0.0: an allowed value fails with glow_on=True"),
        ("F020 by a shift behind a menu", edges.edges, "the bottom edge shows at the top edge with tint='red'"),
    ],
)
def test_a_finding_names_the_parameters_it_needs(name, check, needed):
    subject = Subject(MUTANTS[name], size=(48, 64), fast=True)
    assert needed in next(result.message for result in check(subject))
