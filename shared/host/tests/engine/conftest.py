"""Engines with a plugin that does what it is told, in another process and in this one."""

import sys
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scope.engine import events, link
from scope.engine.calls import Patience
from scope.engine.inline import InlineEngine
from scope.engine.process import EngineProcess

# Ten times what a busy machine was seen to need for an engine's start.
LONG_SECONDS = 200.0

PLUGIN = """
import os
import time

import torch
from pydantic import Field

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline, Requirements
from scope.core.plugins.hookspecs import hookimpl


class BedConfig(BasePipelineConfig):
    pipeline_id = "bed"
    pipeline_name = "Bed"
    pipeline_description = "Adds, fails, hangs and ends the process as it is told."
    modes = {"video": ModeDefaults(default=True), "text": ModeDefaults()}
    add: int = Field(default=0, ge=0, le=255)
    trouble: str = ""
    level: float = Field(default=0.0, ge=0.0, le=1.0)


class Bed(Pipeline):
    def __init__(self, **load):
        self.kept = []

    @classmethod
    def get_config_class(cls):
        return BedConfig

    def prepare(self, **kwargs):
        return Requirements(input_size=1)

    def __call__(self, **kwargs):
        match kwargs.get("trouble"):
            case "raise":
                raise ValueError("the lens is dirty")
            case "layout":
                return {"video": torch.zeros(3, 4, 4)}
            case "exit":
                os._exit(3)
            case "hang":
                time.sleep(3600)
            case "leak":
                self.kept.append(torch.ones(500_000))
        if kwargs.get("trouble", "").startswith("beat"):
            return {"video": torch.full((1, 4, 4, 3), kwargs["beat_count"] / 255)}
        added = kwargs.get("add", 0) / 255 + kwargs.get("level", 0.0)
        video = kwargs.get("video")
        return {"video": torch.cat(video) / 255 + added if video else torch.full((1, 4, 4, 3), added)}


@hookimpl
def register_pipelines(register):
    register(Bed)
"""


@pytest.fixture(scope="session")
def plugin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the plugin as a distribution; on the path it is found like an installed one."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "scope_test_bed.py").write_text(PLUGIN)
    info = folder / "scope_test_bed-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: scope-test-bed\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[scope]\nbed = scope_test_bed\n")
    return folder


@pytest.fixture(scope="module")
def plugin(plugin_folder: Path) -> Iterator[None]:
    """The plugin, for this process and for those that it spawns."""
    sys.path.insert(0, str(plugin_folder))
    yield
    sys.path.remove(str(plugin_folder))


@dataclass
class Rig:
    """An engine, what it said, and shorthands."""

    engine: InlineEngine | EngineProcess
    heard: list[events.Event] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        self.engine.listen(self.heard.append)
        self.engine.watch({link.OUT: 100.0})

    def all(self, kind: type) -> list[Any]:
        """Events of a kind."""
        return [event for event in list(self.heard) if isinstance(event, kind)]

    def restart(self) -> None:
        """Start the engine again and wait until the new one is up, which has shown nothing yet."""
        before = len(self.all(events.Hello))
        self.engine.restart()
        self.wait(lambda: len(self.all(events.Hello)) > before)

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + LONG_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"waited for too long; heard {self.heard[-5:]}"
            time.sleep(0.005)

    def picture(self) -> link.Picture:
        """The next picture at the end of the chain."""
        deadline = time.monotonic() + LONG_SECONDS
        while (picture := self.engine.frame(after=self.number, timeout=1.0)) is None:
            assert time.monotonic() < deadline, f"no picture came; heard {self.heard[-5:]}"
        assert picture.number > self.number
        self.number = picture.number
        return picture

    def shows(self, value: int) -> None:
        """Wait for a picture of one value."""
        deadline = time.monotonic() + LONG_SECONDS
        while round(float(self.picture().pixels.mean())) != value:
            assert time.monotonic() < deadline, f"{value} was not shown; heard {self.heard[-5:]}"


def setup(*stages: dict[str, Any], source: str = "none", **more: Any) -> dict[str, Any]:
    """A document with these stages."""
    return {"scope": 1, "source": {"kind": source}, "stages": list(stages), **more}


def bed(node: str = "bed", *, mode: str = "text", on: bool = True, role: str = "main", **values: Any) -> dict[str, Any]:
    """A stage of the test's pipeline."""
    return {"id": node, "pipeline": "bed", "role": role, "on": on, "mode": mode, "load": {}, "values": values}


@pytest.fixture(scope="session")
def documents() -> tuple[Callable[..., dict[str, Any]], Callable[..., dict[str, Any]]]:
    """`setup(…)` and `bed(…)`."""
    return setup, bed


@pytest.fixture
def inline(plugin) -> Generator[Rig]:
    """An engine in this process."""
    rig = Rig(InlineEngine())
    yield rig
    rig.engine.stop()


@pytest.fixture(scope="module")
def apart(plugin) -> Generator[Rig]:
    """An engine in a process of its own, for all tests of a file: its start is what takes time."""
    rig = Rig(EngineProcess(patience=Patience(told=0.3, ended=1.0, told_first=60.0, ended_first=60.0)))
    rig.engine.start(setup(bed(add=1)))
    yield rig
    rig.engine.stop()


@pytest.fixture
def plain() -> Callable[[int], np.ndarray]:
    """An input picture of one value."""
    return lambda value: np.full((6, 8, 3), value, np.uint8)
