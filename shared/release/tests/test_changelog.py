from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scope_release import changelog
from scope_release.checkout import ReleaseError

DAY = date(2026, 3, 4)
TEXT = """# Changelog

## [Unreleased]

### Added

- A filter.

## [0.1.0] - 2026-01-02

- First.

[0.1.0]: https://example.org
"""


def test_sections_are_read_with_dates_and_without_link_definitions():
    assert changelog.sections(TEXT) == [
        changelog.Section("Unreleased", None, "### Added\n\n- A filter."),
        changelog.Section("0.1.0", "2026-01-02", "- First."),
    ]


def test_a_release_dates_what_was_unreleased_and_leaves_an_empty_section():
    after = changelog.release(TEXT, "0.2.0", DAY, "scope-fx")
    assert "## [Unreleased]\n\n## [0.2.0] - 2026-03-04\n\n### Added\n\n- A filter.\n\n## [0.1.0]" in after
    assert changelog.sections(after)[0].is_empty


@pytest.mark.parametrize("body", ["", "\n\n", "### Added\n\n### Fixed\n"])
def test_an_unreleased_section_that_says_nothing_is_refused(body: str):
    with pytest.raises(ReleaseError, match=r"scope-fx: the section \[Unreleased\] of CHANGELOG\.md is empty"):
        changelog.release(f"## [Unreleased]\n{body}", "0.2.0", DAY, "scope-fx")


def test_a_changelog_without_an_unreleased_section_is_refused():
    with pytest.raises(ReleaseError, match=r"has no section '## \[Unreleased\]'"):
        changelog.release("# Changelog\n", "0.2.0", DAY, "scope-fx")


def test_a_version_that_is_in_the_changelog_is_refused():
    with pytest.raises(ReleaseError, match=r"has a section \[0\.1\.0\] already"):
        changelog.release(TEXT, "0.1.0", DAY, "scope-fx")


def test_the_section_of_a_version_is_found():
    assert changelog.section(TEXT, "0.1.0", "scope-fx").body == "- First."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"has no section '## \[0\.1\.0\] - YYYY-MM-DD'"),
        ("## [0.1.0]\n\n- x\n", "must date its section .* not None"),
        ("## [0.1.0] - 2026-13-01\n\n- x\n", "must date its section .* not '2026-13-01'"),
        ("## [0.1.0] - 2026-01-02\n", r"the section \[0\.1\.0\] of CHANGELOG\.md is empty"),
    ],
)
def test_a_section_that_is_missing_undated_or_empty_is_refused(text: str, sentence: str):
    with pytest.raises(ReleaseError, match=sentence):
        changelog.section(text, "0.1.0", "scope-fx")


@given(st.lists(st.sampled_from(["- a", "### Added", "", "text [link](x)", "  - nested"]), max_size=6))
def test_a_release_moves_every_line_and_loses_none(lines: list[str]):
    body = "\n".join([*lines, "- last"])
    after = changelog.release(f"# C\n\n## [Unreleased]\n\n{body}\n", "1.0.0", DAY, "scope-fx")
    assert changelog.section(after, "1.0.0", "scope-fx").body == body.strip()
