"""What a change and a start cost, printed with the load of the machine; run with `-m gate -s`."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

# About ten times what they take on a quiet machine with two cores.
CHANGE_CPU_SECONDS = 60.0
START_CPU_SECONDS = 1.0

STARTED = """
import sys, time
import torch
from scope.core.pipelines.registry import Registry
from scope.core.plugins.manager import load_plugins
from scope.install.activate import activate
load_plugins(Registry())
own = {"scope-control", "scope-fx", "scope-synth", "scope-wan-vace"}
start = time.process_time()
activate()
activated = time.process_time()
reports = load_plugins(Registry(), skip=own)
loaded = time.process_time()
print(len(reports), activated - start, loaded - activated)
"""


@pytest.fixture
def scope(workshop, tmp_path, monkeypatch):
    """The command in the environment that people have: with torch, and a probe that imports it."""
    monkeypatch.setenv("DAYDREAM_SCOPE_PLUGINS_DIR", str(tmp_path / "plugins"))

    def run(*words: str) -> str:
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def size(folder: Path) -> int:
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


@pytest.mark.gate
def test_one_more_plugin_five_at_a_start_and_the_room_they_take(scope, workshop, tmp_path, capsys):
    names = [f"scope-number-{number}" for number in range(5)]
    for name in names:
        workshop.publish(workshop.made(name))
    scope("-m", "scope.cli", "install", *names[:3], "--yes")
    cpu, start = -cpu_seconds(), time.perf_counter()
    scope("-m", "scope.cli", "install", names[3], "--yes")
    cpu, seconds = cpu + cpu_seconds(), time.perf_counter() - start
    scope("-m", "scope.cli", "install", names[4], "--yes")
    count, activated, loaded = scope("-c", STARTED).split()
    generations = sorted((tmp_path / "plugins").glob("envs/*/generations/*"))
    (host,) = (tmp_path / "plugins").glob("envs/*/host")
    with capsys.disabled():
        print(f"\nload average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
        print(f"one more plugin with three installed: {seconds:.1f} s, of it {cpu:.1f} s of CPU")
        print(
            f"five plugins at a start, CPU: {float(activated) * 1e3:.1f} ms to activate, {float(loaded) * 1e3:.1f} to load"
        )
        print(
            f"a generation of five plugins of 1 kB: {size(generations[-1]) / 1e3:.0f} kB, stand-ins {size(host) / 1e3:.0f} kB"
        )
    assert int(count) == 5
    assert cpu < CHANGE_CPU_SECONDS
    assert float(activated) + float(loaded) < START_CPU_SECONDS
