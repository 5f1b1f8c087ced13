"""Ctrl-C in real processes, at every stage of a command: one line, exit code 130, nothing left behind."""

import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import scope.cli

PLUGIN = """
import os, pathlib, time

def rest(stage):
    if os.environ["SLOW_TEST"] == stage:
        pathlib.Path("resting").touch()
        time.sleep(100)

try:
    rest("import")
except BaseException:
    pass

import torch
from scope.core import hookimpl
from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline


class SlowConfig(BasePipelineConfig):
    pipeline_id = "slow-test"
    pipeline_name = "Slow"
    pipeline_description = "Takes its time."
    modes = {"text": ModeDefaults(default=True)}


class Slow(Pipeline):
    def __init__(self, **kwargs):
        rest("load")

    @classmethod
    def get_config_class(cls):
        return SlowConfig

    def __call__(self, **kwargs):
        if kwargs["frame_time"] > 0.1:
            rest("call")
        return {"video": torch.zeros(1, 16, 16, 3)}


@hookimpl
def register_pipelines(register):
    register(Slow)
"""


NEEDS_PROC = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc to see what a process loaded")


@pytest.fixture
def start(tmp_path, install_plugin) -> Callable[[str], subprocess.Popen]:
    """Start a render whose plugin rests at one stage, in an empty folder `out`."""
    site = tmp_path / "site"
    site.mkdir()
    install_plugin(site, "slow-test", PLUGIN)
    (tmp_path / "out").mkdir()

    def run(stage: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "scope.cli", "render", "slow-test", "--output", "out/film.mp4"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(site), "SLOW_TEST": stage},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return run


def wait_for(condition: Callable[[], bool], process: subprocess.Popen) -> None:
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


def has_loaded(process: subprocess.Popen, library: str) -> bool:
    return library in Path(f"/proc/{process.pid}/maps").read_text()


def assert_interrupted(process: subprocess.Popen, folder: Path) -> None:
    out, err = process.communicate()
    assert (process.returncode, out, err) == (130, "", "interrupted\n")
    assert list((folder / "out").iterdir()) == []


@pytest.mark.gate
@pytest.mark.parametrize("stage", ["import", "load"])
def test_while_a_plugin_is_imported_or_loaded(start, tmp_path, stage):
    process = start(stage)
    wait_for((tmp_path / "resting").exists, process)
    process.send_signal(signal.SIGINT)
    assert_interrupted(process, tmp_path)


class Pressed:
    """A module whose import meets Ctrl-C."""

    def __getattr__(self, name: str) -> None:
        raise KeyboardInterrupt


def test_before_the_command_line_is_there(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "scope.cli.interrupts", Pressed())
    with pytest.raises(SystemExit) as left:
        runpy.run_path(scope.cli.__file__)
    assert (left.value.code, capsys.readouterr().err) == (130, "interrupted\n")


@NEEDS_PROC
def test_while_torch_is_imported(start, tmp_path):
    process = start("")
    wait_for(lambda: has_loaded(process, "libtorch"), process)
    process.send_signal(signal.SIGINT)
    assert_interrupted(process, tmp_path)


def test_pressed_again_and_again_while_a_plugin_is_called(start, tmp_path):
    process = start("call")
    wait_for((tmp_path / "resting").exists, process)
    for _ in range(5):
        process.send_signal(signal.SIGINT)
    assert_interrupted(process, tmp_path)


@pytest.mark.gate
@NEEDS_PROC
@pytest.mark.parametrize("tenths", range(0, 30, 3))
def test_at_any_moment(start, tmp_path, tenths):
    process = start("call")
    # The first library that the command line itself imports; before it Python is still starting.
    wait_for(lambda: has_loaded(process, "pydantic_core"), process)
    time.sleep(tenths / 10)
    process.send_signal(signal.SIGINT)
    assert_interrupted(process, tmp_path)
