"""What a release writes, commits and refuses, and which plugins a changed library concerns."""

from datetime import date

import pytest

from scope_release.checkout import ReleaseError
from scope_release.release import check_tag, prepare, proposals

DAY = date(2026, 3, 4)
FX = "packages/scope-fx"


def unreleased(checkout, folder: str) -> None:
    checkout.replace(f"{folder}/CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n- More.\n")


def assert_untouched(checkout, before: str) -> None:
    assert checkout.git("rev-parse", "HEAD") == before
    assert checkout.git("status", "--porcelain", "--untracked-files=no") == ""


def test_a_release_is_one_commit_with_its_tag(checkout):
    assert prepare(checkout.root, "scope-fx", "minor", DAY) == "scope-fx-v0.2.0"
    assert checkout.git("status", "--porcelain") == ""
    assert checkout.git("describe", "--exact-match") == "scope-fx-v0.2.0"
    assert checkout.git("log", "-1", "--format=%s") == "Release scope-fx 0.2.0"
    changed = checkout.git("diff", "--name-only", "HEAD~1").splitlines()
    assert changed == [f"{FX}/CHANGELOG.md", f"{FX}/pyproject.toml", "uv.lock"]
    assert "## [0.2.0] - 2026-03-04\n\n### Added\n\n- First version." in checkout.read(f"{FX}/CHANGELOG.md")


def test_what_was_prepared_passes_the_check_of_its_tag(checkout):
    tag = prepare(checkout.root, "scope-fx", "0.1.0", DAY)
    package, section = check_tag(checkout.root, tag)
    assert (package.name, package.version, section.date) == ("scope-fx", "0.1.0", "2026-03-04")


def test_only_the_released_package_changes_in_the_lock(checkout):
    prepare(checkout.root, "scope-fx", "patch", DAY)
    lock = checkout.read("uv.lock")
    assert lock.count('version = "0.1.0"') == 2
    assert 'name = "scope-fx"\nversion = "0.1.1"' in lock


def test_the_version_in_code_moves_along(checkout):
    prepare(checkout.root, "scope-gpu", "minor", DAY)
    assert '__version__ = "0.2.0"' in checkout.read("shared/gpu/src/scope_gpu/__init__.py")


def test_the_lines_to_paste_move_to_the_new_version(checkout):
    line = "git+https://example.org/x.git@{}#subdirectory=packages/{}\n"
    synth = line.format("scope-synth-v0.1.0", "scope-synth")
    checkout.write("README.md", line.format("scope-fx-v0.1.0rc1", "scope-fx") + synth)
    checkout.commit("Show the lines")
    prepare(checkout.root, "scope-fx", "minor", DAY)
    assert checkout.read("README.md") == line.format("scope-fx-v0.2.0", "scope-fx") + synth
    assert checkout.git("status", "--porcelain") == ""


def test_the_first_release_puts_its_version_in_the_place_of_the_placeholder(checkout):
    lines = "git+https://example.org/x.git@scope-{}-vX.Y.Z#subdirectory=packages/scope-{}\n"
    checkout.write("README.md", lines.format("fx", "fx") + lines.format("synth", "synth"))
    checkout.commit("Show the lines")
    prepare(checkout.root, "scope-fx", "0.1.0", DAY)
    assert checkout.read("README.md") == lines.format("fx", "fx").replace("X.Y.Z", "0.1.0") + lines.format(
        "synth", "synth"
    )


SAID = "https://example.org/who/plugins"


@pytest.fixture
def addressed(checkout):
    """A checkout that says in three places where it is published."""
    checkout.write("pyproject.toml", checkout.read("pyproject.toml") + f'\n[project.urls]\nRepository = "{SAID}"\n')
    checkout.write("README.md", f"git+{SAID}.git@scope-fx-vX.Y.Z#subdirectory={FX}, unlike {SAID}-more\n")
    checkout.write(f"{FX}/src/scope_fx/schema.py", f'DOCS = "{SAID}/tree/main/{FX}"\n')
    checkout.commit("Say where it is published")
    return checkout


@pytest.mark.parametrize(
    "remote",
    [
        "https://forge.example/me/mine.git",
        "https://user:secret@forge.example/me/mine",
        "git@forge.example:me/mine.git",
        "ssh://git@forge.example:2222/me/mine.git/",
    ],
)
def test_a_release_writes_the_address_of_the_remote_wherever_another_stood(addressed, remote: str):
    addressed.git("remote", "add", "origin", remote)
    prepare(addressed.root, "scope-fx", "0.1.0", DAY)
    real = "https://forge.example/me/mine"
    assert addressed.read("README.md") == (f"git+{real}.git@scope-fx-v0.1.0#subdirectory={FX}, unlike {SAID}-more\n")
    assert f'Repository = "{real}"' in addressed.read("pyproject.toml")
    assert addressed.read(f"{FX}/src/scope_fx/schema.py") == f'DOCS = "{real}/tree/main/{FX}"\n'
    assert addressed.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    "remote", [None, "/srv/git/mine.git", "file:///srv/git/mine.git", "../elsewhere", f"{SAID}.git"]
)
def test_a_remote_that_others_cannot_reach_or_that_is_the_same_changes_no_address(addressed, remote: str | None):
    if remote:
        addressed.git("remote", "add", "origin", remote)
    prepare(addressed.root, "scope-fx", "0.1.0", DAY)
    assert f"git+{SAID}.git@scope-fx-v0.1.0" in addressed.read("README.md")
    assert f'Repository = "{SAID}"' in addressed.read("pyproject.toml")


@pytest.mark.parametrize("path", ["README.md", f"{FX}/README.md"])
def test_a_dirty_tree_is_refused(checkout, path: str):
    before = checkout.git("rev-parse", "HEAD")
    checkout.write(path, "changed\n")
    with pytest.raises(ReleaseError, match=r"The working tree is not clean .*README.md"):
        prepare(checkout.root, "scope-fx", "minor", DAY)
    assert checkout.git("rev-parse", "HEAD") == before


def test_an_empty_unreleased_section_is_refused(checkout):
    prepare(checkout.root, "scope-fx", "minor", DAY)
    before = checkout.git("rev-parse", "HEAD")
    with pytest.raises(ReleaseError, match=r"the section \[Unreleased\] of CHANGELOG\.md is empty"):
        prepare(checkout.root, "scope-fx", "minor", DAY)
    assert_untouched(checkout, before)


def test_an_existing_tag_is_refused(checkout):
    checkout.git("tag", "scope-fx-v0.2.0")
    before = checkout.git("rev-parse", "HEAD")
    with pytest.raises(ReleaseError, match=r"the tag scope-fx-v0\.2\.0 exists"):
        prepare(checkout.root, "scope-fx", "minor", DAY)
    assert_untouched(checkout, before)


def test_a_version_behind_a_tag_is_refused(checkout):
    checkout.git("tag", "scope-fx-v0.5.0")
    with pytest.raises(ReleaseError, match=r"0\.2\.0 goes backwards, as 0\.5\.0 is there already"):
        prepare(checkout.root, "scope-fx", "minor", DAY)


def test_a_package_that_breaks_a_rule_is_refused(checkout):
    (checkout.root / FX / "CHANGELOG.md").unlink()
    checkout.commit("Remove the changelog")
    with pytest.raises(ReleaseError, match=r"scope-fx: CHANGELOG\.md is missing or empty"):
        prepare(checkout.root, "scope-fx", "minor", DAY)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("scope-release", "is a tool of this repository"), ("scope-foo", "No package is called 'scope-foo'")],
)
def test_what_is_not_released_is_refused(checkout, name: str, sentence: str):
    with pytest.raises(ReleaseError, match=sentence):
        prepare(checkout.root, name, "minor", DAY)


def test_a_package_that_the_lock_does_not_know_is_refused(checkout):
    checkout.write("uv.lock", "")
    checkout.commit("Empty the lock")
    with pytest.raises(ReleaseError, match=r"scope-fx: uv\.lock does not list it"):
        prepare(checkout.root, "scope-fx", "minor", DAY)


def test_plugins_with_an_unchanged_library_need_no_release(checkout):
    prepare(checkout.root, "scope-fx", "minor", DAY)
    assert proposals(checkout.root) == []


def test_a_changed_library_proposes_a_release_of_each_plugin_that_shipped_another(checkout):
    prepare(checkout.root, "scope-fx", "0.1.0", DAY)
    checkout.write("shared/gpu/src/scope_gpu/blur.py", "RADIUS = 4\n")
    checkout.commit("Widen the blur")
    (proposal,) = proposals(checkout.root)
    assert str(proposal) == (
        "scope-fx would ship a changed scope-gpu 0.1.0 since scope-fx-v0.1.0: "
        "`uv run release scope-fx patch` makes 0.1.1."
    )


def test_a_new_minor_version_of_the_library_proposes_a_minor_release(checkout):
    prepare(checkout.root, "scope-fx", "0.1.0", DAY)
    prepare(checkout.root, "scope-synth", "0.1.0", DAY)
    prepare(checkout.root, "scope-gpu", "minor", DAY)
    unreleased(checkout, FX)
    checkout.commit("Say what changes")
    prepare(checkout.root, "scope-fx", "minor", DAY)
    (proposal,) = proposals(checkout.root)
    assert (proposal.plugin, proposal.was, proposal.now, proposal.version) == ("scope-synth", "0.1.0", "0.2.0", "0.2.0")


def test_tests_and_texts_of_the_library_are_not_shipped_and_propose_nothing(checkout):
    prepare(checkout.root, "scope-fx", "0.1.0", DAY)
    checkout.write("shared/gpu/tests/test_blur.py", "")
    checkout.commit("Test the blur")
    assert proposals(checkout.root) == []
