"""What tags and versions of releases are, and what must be true of a tagged commit."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scope_release.checkout import ReleaseError
from scope_release.release import check_tag, next_version, parse_tag, prepare

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


@pytest.mark.parametrize(
    ("current", "step", "expected"),
    [
        ("0.1.9", "patch", "0.1.10"),
        ("0.1.9", "minor", "0.2.0"),
        ("0.1.9", "major", "1.0.0"),
        ("0.2.0rc1", "patch", "0.2.0"),
        ("0.1.0", "0.3.0", "0.3.0"),
        ("0.1.0", "0.2.0rc1", "0.2.0rc1"),
    ],
)
def test_a_step_or_a_version_makes_the_next_one(current: str, step: str, expected: str):
    assert next_version("scope-fx", current, step, [current]) == expected


def test_the_first_release_may_keep_the_version():
    assert next_version("scope-fx", "0.1.0", "0.1.0", []) == "0.1.0"


def test_a_released_version_is_refused():
    with pytest.raises(ReleaseError, match=r"scope-fx: 0\.1\.0 is released already; the tag scope-fx-v0\.1\.0 exists"):
        next_version("scope-fx", "0.1.0", "0.1.0", ["0.1.0"])


@pytest.mark.parametrize(("step", "released"), [("0.0.9", []), ("patch", ["0.3.0"]), ("0.2.0rc1", ["0.2.0"])])
def test_a_version_that_goes_backwards_is_refused(step: str, released: list[str]):
    with pytest.raises(ReleaseError, match=r"goes backwards, as .* is there already"):
        next_version("scope-fx", "0.1.0", step, released)


@pytest.mark.parametrize("step", ["huge", "0.2", "v0.2.0", "0.2.0+local", ""])
def test_what_is_no_step_and_no_version_is_refused(step: str):
    with pytest.raises(ReleaseError, match="is neither major, minor, patch nor a version such as"):
        next_version("scope-fx", "0.1.0", step, [])
