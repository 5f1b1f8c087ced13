from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scope_release.errors import ReleaseError
from scope_release.prepare import prepare
from scope_release.tags import check_tag, parse_tag

NAMES = st.lists(st.from_regex(r"[a-z0-9]{1,5}", fullmatch=True), min_size=1, max_size=4).map("-".join)
VERSIONS = st.tuples(*[st.integers(0, 99)] * 3).map(lambda parts: ".".join(map(str, parts)))


@given(NAMES, VERSIONS)
def test_every_name_and_version_survive_their_tag(name: str, version: str):
    assert parse_tag(f"{name}-v{version}") == (name, version)
    assert parse_tag(f"refs/tags/{name}-v{version}") == (name, version)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_sentence(text: str):
    try:
        name, version = parse_tag(text)
    except ReleaseError:
        return
    assert text.endswith(f"{name}-v{version}")


@pytest.mark.parametrize(
    "tag", ["", "v0.1.0", "scope-fx", "scope-wan-vace", "scope-fx-v0.1", "Scope-fx-v0.1.0", "scope-fx-v0.1.0-x"]
)
def test_what_is_no_release_tag_is_refused(tag: str):
    with pytest.raises(ReleaseError, match="is not a release tag"):
        parse_tag(tag)


@pytest.fixture
def released(checkout):
    prepare(checkout.root, "scope-fx", "0.1.0", date(2026, 3, 4))
    return checkout


def refusal(checkout, tag: str) -> str:
    with pytest.raises(ReleaseError) as caught:
        check_tag(checkout.root, tag)
    return str(caught.value)


def test_a_tag_that_names_no_package_is_refused(released):
    assert refusal(released, "scope-foo-v0.1.0").startswith("scope-foo-v0.1.0: No package is called 'scope-foo'")


def test_a_private_tool_is_refused(released):
    assert "is never released" in refusal(released, "scope-release-v0.1.0")


def test_a_version_that_differs_from_the_tag_is_refused(released):
    assert refusal(released, "scope-fx-v0.2.0") == (
        "scope-fx-v0.2.0: the tag says 0.2.0, but project.version of scope-fx is 0.1.0."
    )


def test_a_changelog_without_the_section_is_refused(released):
    released.replace("packages/scope-fx/CHANGELOG.md", "## [0.1.0] - 2026-03-04", "## [0.0.9] - 2026-03-04")
    assert "has no section '## [0.1.0] - YYYY-MM-DD'" in refusal(released, "scope-fx-v0.1.0")


def test_a_package_without_a_changelog_is_refused(released):
    (released.root / "packages/scope-fx/CHANGELOG.md").unlink()
    assert "scope-fx: CHANGELOG.md is missing or empty" in refusal(released, "scope-fx-v0.1.0")


def test_a_lock_with_another_version_is_refused(released):
    released.replace("uv.lock", 'name = "scope-fx"\nversion = "0.1.0"', 'name = "scope-fx"\nversion = "0.0.9"')
    assert "uv.lock says 0.0.9, but the version is 0.1.0; run `uv lock`" in refusal(released, "scope-fx-v0.1.0")


def test_a_tag_at_another_commit_is_refused(released):
    released.write("more.txt", "")
    released.commit("More")
    assert "check out the tag" in refusal(released, "scope-fx-v0.1.0")


def test_a_tag_that_is_still_to_be_made_can_be_checked(released):
    released.git("tag", "--delete", "scope-fx-v0.1.0")
    assert check_tag(released.root, "scope-fx-v0.1.0")[1].date == "2026-03-04"
