"""Calibration: each rule has a small broken plugin that is caught by that rule and by no other."""

import pytest
from mutants.registry import pipeline_mutants

from scope_testkit.findings import Finding
from scope_testkit.subject import Subject
from scope_testkit.suite import examine

MUTANTS = pipeline_mutants()


@pytest.mark.parametrize("code", sorted(MUTANTS))
def test_a_mutant_is_caught_by_its_own_rule_only(code):
    subject = Subject(MUTANTS[code], size=(48, 64), fast=True)
    found = [result for result in examine(subject) if isinstance(result, Finding)]
    assert {finding.code for finding in found} == {code}, [f"{f.code} {f.message}" for f in found]
