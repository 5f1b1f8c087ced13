"""Each plugin from its wheel alone: its own tests pass, and it renders what the source tree renders."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scope_release.clean_room import copy_tests, run_tests
from scope_release.packages import required

PLUGINS = ("scope-control", "scope-fx", "scope-synth", "scope-wan-vace")
RENDER = (Path(__file__).parent / "render_frames.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=PLUGINS)
def alone(request, wheels, new_host):
    """The name of a plugin, and a host in which its wheel is the only plugin."""
    host = new_host(request.param)
    host.install("uv", "--no-deps", wheels[request.param])
    return request.param, host


@pytest.fixture(scope="module")
def source_tree(snapshot, new_host):
    """A host in which every plugin is an editable install of the source tree."""
    host = new_host("source")
    editables = [part for package in snapshot.plugins for part in ("--editable", package.folder)]
    host.install("uv", "--no-deps", *editables)
    return host


def test_a_wheel_renders_what_the_source_tree_renders(alone, source_tree):
    plugin, host = alone
    with ThreadPoolExecutor() as pool:
        wheel, source = pool.map(lambda one: json.loads(one.ask(RENDER, plugin)), (host, source_tree))
    assert wheel["library"] == f"{plugin.replace('-', '_')}._vendor.scope_gpu"
    assert source["library"] == "scope_gpu"
    assert wheel["pipelines"]
    assert wheel["pipelines"] == source["pipelines"]


def test_the_tests_of_a_plugin_pass_with_its_wheel_alone(alone, snapshot, wheels, tmp_path: Path):
    plugin, host = alone
    companions = required(snapshot.package(plugin)) & set(PLUGINS)
    if companions:
        host.install("uv", "--no-deps", *(wheels[name] for name in companions))
    tests = copy_tests(snapshot.root, snapshot.package(plugin), tmp_path)
    assert run_tests(host.python, tests, ["-q", "--color=no", "--timeout=120"], seconds=240) == 0
