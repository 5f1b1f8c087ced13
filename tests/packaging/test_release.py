"""A release of this very repository, prepared in a copy of it by the command that people use."""

import sys
from pathlib import Path

from scope_release.clean_room import build_wheel

RELEASE = Path(sys.executable).with_name("release")
PERSON = {f"GIT_{role}_{what}": "tester@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def test_a_release_of_a_plugin_keeps_the_lock_and_builds_its_wheel(snapshot, run, tmp_path: Path):
    copy = snapshot.copy(tmp_path / "copy")
    changelog = copy.package("scope-fx").changelog
    text = changelog.read_text(encoding="utf-8")
    changelog.write_text(text.replace("## [Unreleased]\n", "## [Unreleased]\n\n- More.\n", 1), encoding="utf-8")
    copy.git("commit", "--quiet", "--all", "--message", "Say what changes")

    done = run(RELEASE, "scope-fx", "major", cwd=copy.root, **PERSON)
    assert done.returncode == 0, done.stderr
    tag = copy.git("describe", "--exact-match")
    assert tag.endswith(".0.0")
    assert run(RELEASE, "check", tag, cwd=copy.root).returncode == 0
    assert run(RELEASE, "notes", tag, cwd=copy.root).stdout.startswith("- More.\n")
    locked = run("uv", "lock", "--check", "--quiet", cwd=copy.root)
    assert locked.returncode == 0, locked.stderr
    build_wheel(copy.root, "scope-fx", tmp_path)
    assert (tmp_path / f"scope_fx-{tag.removeprefix('scope-fx-v')}-py3-none-any.whl").is_file()


def test_a_release_is_refused_while_files_are_changed(snapshot, run, tmp_path: Path):
    copy = snapshot.copy(tmp_path / "copy")
    (copy.root / "notes.txt").write_text("", encoding="utf-8")
    done = run(RELEASE, "scope-fx", "minor", cwd=copy.root, **PERSON)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("release: The working tree is not clean (?? notes.txt")
