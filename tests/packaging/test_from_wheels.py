"""Plugins from their wheels: they render what the source tree renders, and their own tests pass."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scope_release.checkout import ReleaseError, required
from scope_release.clean_room import copy_tests, run_tests

pytestmark = pytest.mark.gate

PLUGINS = ("scope-control", "scope-fx", "scope-synth", "scope-wan-vace")
# One stands for all here; a release runs the whole tests of its own wheel.
TESTED = ("scope-control",)
LEFT_OUT = ("test_contract", "test_networks")
"""The kit's examination measures time, and here two suites share the machine: it runs on the source tree, and on the
wheel when that is released (`ci test-wheel`). Networks take long to import, and every wheel's are rendered above."""
QUIETLY = ["-q", "--color=no", "--timeout=120", *(f"--ignore-glob=*/{name}.py" for name in LEFT_OUT)]
RENDER = (Path(__file__).parent / "render_frames.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rendered(snapshot, wheels, new_host):
    """What every plugin renders: in a host with all their wheels, and in one with editable installs of the source tree."""
    installed, host = new_host("wheels"), new_host("source")
    installed.install("uv", "--no-deps", *(wheels[plugin] for plugin in PLUGINS))
    editables = [part for package in snapshot.plugins for part in ("--editable", package.folder)]
    host.install("uv", "--no-deps", *editables)
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda place: json.loads(place.ask(RENDER, *PLUGINS)), (installed, host)))


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_wheel_renders_what_the_source_tree_renders(rendered, plugin: str):
    wheel, source = (place[plugin] for place in rendered)
    assert wheel["library"] == [f"{plugin.replace('-', '_')}._vendor.scope_gpu"]
    assert source["library"] == ["scope_gpu"]
    assert wheel["pipelines"]
    assert wheel["pipelines"] == source["pipelines"]


@pytest.fixture(scope="module")
def alone(wheels, new_host):
    """For each plugin a host in which its wheel is the only plugin."""
    hosts = {plugin: new_host(plugin) for plugin in PLUGINS}
    for plugin, host in hosts.items():
        host.install("uv", "--no-deps", wheels[plugin])
    return hosts


@pytest.fixture(scope="module")
def results(alone, snapshot, wheels, tmp_path_factory):
    """For each plugin the exit status of its own tests and what they printed; two run at a time."""

    def test(plugin: str) -> tuple[int, str]:
        companions = required(snapshot.package(plugin)) & set(PLUGINS)
        if companions:
            alone[plugin].install("uv", "--no-deps", *(wheels[name] for name in companions))
        folder = tmp_path_factory.mktemp(plugin)
        tests = copy_tests(snapshot.root, snapshot.package(plugin), folder)
        with (folder / "output").open("w+", encoding="utf-8") as output:
            try:
                status = run_tests(alone[plugin].python, tests, QUIETLY, 400, output)
            except ReleaseError as error:
                output.write(f"{error}\n")
                status = -1
            output.seek(0)
            return status, output.read()

    with ThreadPoolExecutor(max_workers=2) as pool, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        return dict(zip(TESTED, pool.map(test, TESTED), strict=True))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("plugin", TESTED)
def test_the_tests_of_a_plugin_pass_with_its_wheel_alone(results, plugin: str):
    status, output = results[plugin]
    assert status == 0, output
