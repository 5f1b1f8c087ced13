"""What is inside the wheels, and that building them again gives the same bytes."""

import ast
import configparser
import email
import os
import subprocess
import sys
import zipfile
from email.message import Message
from pathlib import Path

import pytest

from scope_release.checkout import load

PLUGINS = ("scope-control", "scope-fx", "scope-synth", "scope-wan-vace")


def module(name: str) -> str:
    return name.replace("-", "_")


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def read(wheel: Path, ending: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(ending)]
        return archive.read(name).decode()


def metadata(wheel: Path) -> Message:
    return email.message_from_string(read(wheel, ".dist-info/METADATA"))


def test_every_plugin_of_the_checkout_is_covered_here(snapshot):
    assert tuple(package.name for package in snapshot.plugins) == PLUGINS


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_wheel_asks_for_nothing_that_a_host_provides(wheels, plugin: str):
    assert metadata(wheels[plugin]).get_all("Requires-Dist") is None


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_wheel_has_exactly_one_entry_point_for_hosts(wheels, plugin: str):
    points = configparser.ConfigParser()
    points.read_string(read(wheels[plugin], ".dist-info/entry_points.txt"))
    assert dict(points["scope"]) == {module(plugin): module(plugin)}


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_wheel_describes_itself(snapshot, wheels, plugin: str):
    said = metadata(wheels[plugin])
    folder = snapshot.package(plugin).folder
    assert said["License-Expression"] in ("MIT", "MIT AND OFL-1.1")
    assert said["Description-Content-Type"] == "text/markdown"
    assert str(said.get_payload()).strip() == (folder / "README.md").read_text(encoding="utf-8").strip()
    assert read(wheels[plugin], ".dist-info/licenses/LICENSE") == (folder / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_wheel_holds_its_own_package_and_nothing_else(wheels, plugin: str):
    inside = names(wheels[plugin])
    assert {name.split("/")[0].split("-")[0] for name in inside} == {module(plugin)}
    assert {f"{module(plugin)}/py.typed", f"{module(plugin)}/_vendor/scope_gpu/py.typed"} <= set(inside)
    assert not [name for name in inside if "tests" in name.split("/") or name.endswith(".pyc")]


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_wheel_records_the_version_of_its_library(snapshot, wheels, plugin: str):
    version = load(snapshot.root / "shared/gpu").version
    assert f'__version__ = "{version}"' in read(wheels[plugin], "/_vendor/scope_gpu/__init__.py")


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_wheel_holds_every_file_of_the_source_tree(snapshot, wheels, plugin: str):
    inside = set(names(wheels[plugin]))
    sources = {snapshot.package(plugin).source: module(plugin)}
    sources[snapshot.root / "shared/gpu/src/scope_gpu"] = f"{module(plugin)}/_vendor/scope_gpu"
    for source, place in sources.items():
        assert {f"{place}/{p.relative_to(source).as_posix()}" for p in source.rglob("*") if p.is_file()} <= inside


@pytest.mark.parametrize("plugin", PLUGINS)
def test_no_line_of_a_plugin_wheel_imports_the_library_under_its_own_name(wheels, plugin: str):
    with zipfile.ZipFile(wheels[plugin]) as archive:
        trees = {name: ast.parse(archive.read(name)) for name in archive.namelist() if name.endswith(".py")}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            imported = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            imported += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            assert not [i for i in imported if i.split(".")[0] == "scope_gpu"], f"{name}:{getattr(node, 'lineno', 0)}"


def test_line_numbers_of_a_wheel_are_those_of_the_source_tree(snapshot, wheels):
    for plugin in PLUGINS:
        source = snapshot.package(plugin).source
        with zipfile.ZipFile(wheels[plugin]) as archive:
            for path in source.rglob("*.py"):
                inside = archive.read(f"{module(plugin)}/{path.relative_to(source).as_posix()}")
                assert inside.count(b"\n") == path.read_bytes().count(b"\n")


def build(root: Path, plugin: str, out: Path, *kinds: str, **variables: str) -> Path:
    command = ["uv", "build", "--quiet", *kinds, "--package", plugin, "--out-dir", str(out)]
    subprocess.run(command, cwd=root, env=os.environ | variables, check=True, timeout=250)
    return next(out.glob("*.whl"))


@pytest.mark.parametrize(
    "plugin", ["scope-fx", *(pytest.param(p, marks=pytest.mark.gate) for p in PLUGINS if p != "scope-fx")]
)
def test_a_source_distribution_builds_the_same_wheel_byte_for_byte(snapshot, wheels, tmp_path: Path, plugin: str):
    """Without `--wheel` uv makes the source distribution first and the wheel out of it alone."""
    wheel = build(snapshot.root, plugin, tmp_path)
    assert list(tmp_path.glob("*.tar.gz"))
    assert wheel.read_bytes() == wheels[plugin].read_bytes()


def test_a_wheel_built_again_elsewhere_has_the_same_bytes(snapshot, tmp_path: Path):
    """From another folder, with other permissions and other temporary names, at the time of the commit."""
    epoch = {"SOURCE_DATE_EPOCH": "1767225600"}
    first = build(snapshot.root, "scope-fx", tmp_path / "first", "--wheel", **epoch)
    elsewhere = snapshot.copy(tmp_path / "elsewhere")
    for path in (elsewhere.root / "packages/scope-fx").rglob("*.py"):
        path.chmod(0o600)
    mask = os.umask(0o077)
    try:
        second = build(elsewhere.root, "scope-fx", tmp_path / "second", "--wheel", **epoch)
    finally:
        os.umask(mask)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {info.date_time for info in archive.infolist()} == {(2026, 1, 1, 0, 0, 0)}


@pytest.mark.gate
def test_a_source_distribution_installs_with_pip_alone(snapshot, tmp_path: Path, new_environment):
    build(snapshot.root, "scope-fx", tmp_path)
    environment = new_environment("pip")
    environment.install("pip", next(tmp_path.glob("*.tar.gz")))
    assert f"lib/python3.{sys.version_info.minor}/site-packages/scope_fx/_vendor/scope_gpu/__init__.py" in (
        environment.digests("scope-fx")
    )


def test_the_license_of_every_package_is_the_one_of_the_repository(snapshot):
    texts = {path.read_text(encoding="utf-8") for path in snapshot.root.glob("*/*/LICENSE")}
    assert texts == {(snapshot.root / "LICENSE").read_text(encoding="utf-8")}
