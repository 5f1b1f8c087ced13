"""What the host provides, read from environments of every kind that are found in the wild."""

import sys
import zipfile
from pathlib import Path

import pytest

from scope.install.environment import fingerprint
from scope.install.host import facts, stand_ins


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """Two folders that are all there is on the path."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    monkeypatch.setattr(sys, "path", [str(first), str(second)])
    return first, second


def distribution(folder: Path, name: str, version: str, **files: str) -> None:
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    for file, text in ({"METADATA": head} | {file.replace("__", "."): text for file, text in files.items()}).items():
        (info / file).write_text(text)


def test_names_are_canonical_the_first_on_the_path_wins_and_the_damaged_are_passed_over(environment, tmp_path):
    first, second = environment
    distribution(first, "Some_Thing", "1.0+cu128")
    distribution(second, "some-thing", "2.0")
    distribution(second, "odd", "not a version")
    (second / "bare-1.0.dist-info").mkdir()
    (second / "legacy.egg-info").write_text("Metadata-Version: 1.0\nName: legacy\nVersion: 0.1\n")
    found = facts(tmp_path / "plugins").distributions
    assert {name: provided.version for name, provided in found.items()} == {"legacy": "0.1", "some-thing": "1.0+cu128"}


def test_plugins_and_editable_folders_are_told(environment, tmp_path):
    origin = '{"url": "file:///srv/scope%20own", "dir_info": {"editable": true}}'
    distribution(environment[0], "scope-own", "1.0", entry_points__txt="[scope]\na = b\n", direct_url__json=origin)
    host = facts(tmp_path / "plugins")
    own = host.distributions["scope-own"]
    assert (own.plugin, own.place) == (True, "editable, from /srv/scope own")
    assert host.constrained == []


def test_what_lies_below_the_plugins_folder_is_no_part_of_the_host(tmp_path, monkeypatch):
    site = tmp_path / "plugins" / "envs" / "x" / "generations" / "0001-0000" / "site"
    site.mkdir(parents=True)
    distribution(site, "scope-plain", "1.0")
    monkeypatch.setattr(sys, "path", [str(site)])
    assert facts(tmp_path / "plugins").distributions == {}


def test_a_stand_in_has_the_extras_of_the_real_one_and_none_of_its_plain_requirements(environment, tmp_path):
    lines = ["Provides-Extra: fast", 'Requires-Dist: speed>1; extra == "fast"', "Requires-Dist: plain"]
    head = "Metadata-Version: 2.1\nName: thing\nVersion: 1.0+cu128\n" + "\n".join(lines) + "\n"
    distribution(environment[0], "thing", "1.0+cu128", METADATA=head)
    constraints = stand_ins(facts(tmp_path / "plugins"), tmp_path / "host")
    (line,) = constraints.read_text().splitlines()
    assert line.startswith("thing @ file:///")
    assert line.endswith("/thing-1.0%2Bcu128-py3-none-any.whl")
    (wheel,) = constraints.parent.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("thing-1.0+cu128.dist-info/METADATA").decode()
    assert text.splitlines()[3:] == lines[:2]


def test_the_fingerprint_follows_names_and_versions_only(environment):
    path = [str(folder) for folder in environment]
    empty = fingerprint(path)
    distribution(environment[0], "thing", "1.0")
    one = fingerprint(path)
    (environment[0] / "module.py").write_text("")
    assert fingerprint(path) == one != empty
    distribution(environment[1], "thing", "2.0")
    assert fingerprint(path) != one
