"""A report puts together what has one cause."""

from dataclasses import replace

import pytest

from scope_testkit.findings import Finding, Place
from scope_testkit.report import to_json, to_text, unexamined
from scope_testkit.sandbox import Report

LINE = "scope_ink/pipeline.py:37"


def finding(
    code: str, field: str | None = None, pipeline: str = "ink", cause: str | None = None, message: str = ""
) -> Finding:
    return Finding(code, message or f"about {field}", Place("scope_ink/schema.py", 3, field), pipeline, cause)


@pytest.fixture
def report():
    return Report("scope-ink", pipelines=[{"id": "ink"}, {"id": "ink-dark"}], steps=["ink: panel", "ink: sizes"])


def test_findings_of_one_line_are_one_cause_under_the_gravest_rule(report):
    report.findings = [
        finding("F004", cause=LINE),
        finding("V002", "ink_hue", cause=LINE),
        finding("V002", "ink_amount", cause=LINE),
        finding("F007", cause=LINE, message="two sizes"),
    ]
    text = to_text(report)
    assert text.startswith("scope-ink: 3 errors, 1 warning from 1 cause in 1 check of 2 pipelines\n")
    assert text.count("why:") == text.count("fix:") == 1
    assert "F007 error: two sizes in one call cannot be used  [ink  scope_ink/schema.py:3]" in text
    assert "same cause: V002 fails on an unvalidated value (ink_hue, ink_amount)" in text
    assert "same cause: F004 another number of frames cannot be used" in text


def test_a_rule_is_explained_once_for_all_its_fields(report):
    report.findings = [finding("S001", field) for field in ("one", "two", "three")]
    text = to_text(report)
    assert "no errors, 3 warnings from 1 cause" in text
    assert text.count("S001") == text.count("why:") == 1
    assert all(
        f"    about {field}  [ink  scope_ink/schema.py:3 field {field}]" in text for field in ("one", "two", "three")
    )


def test_the_same_fault_in_variants_of_a_pipeline_is_one_line(report):
    report.findings = [finding("V005", "hue", pipeline=name) for name in ("ink", "ink-dark")]
    assert "V005 error: a control that does nothing  [ink, ink-dark  scope_ink/schema.py:3 field hue]" in to_text(
        report
    )


def test_a_long_list_is_cut_and_the_json_has_all_of_it(report):
    report.findings = [finding("S001", f"f{index}") for index in range(20)]
    assert "… and 12 more" in to_text(report)
    assert len(to_json(report)["findings"]) == 20
    assert to_json(report)["causes"] == 1


def test_what_is_allowed_is_apart_and_has_its_reason(report):
    report.findings = [finding("V005", "hue"), replace(finding("V005", "lut"), allowed="a file")]
    text = to_text(report)
    assert "1 error, no warnings, 1 allowed in" in text
    assert text.index("V005 error") < text.index("V005 allowed")
    assert "allowed: a file" in text


def test_a_report_without_a_pipeline_says_why(report):
    assert unexamined(report) is None
    assert unexamined(Report("x")) == "x: no pipeline could be examined: it registers none"
    skipped = Report("x", skipped=[{"what": "the node Mix", "why": "not run by this host"}])
    assert unexamined(skipped) == "x: no pipeline could be examined: the node Mix is not run by this host"
