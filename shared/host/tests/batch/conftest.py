"""A plugin that fails on demand, small clips, and set-ups, for real worker processes."""

import json
import os
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import torch

from scope.batch.crew import Began, Ended, Event
from scope.batch.plan import Job
from scope.batch.stores import delivered
from scope.batch.work import Worker, sentence
from scope.media import open_sink

PLUGIN = """
import os, pathlib, signal, time, torch
from pydantic import Field
from scope.core import hookimpl
from scope.core.config import get_model_file_path
from scope.core.pipelines.artifacts import HuggingfaceRepoArtifact
from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, ui_field_config
from scope.core.pipelines.interface import Pipeline


class MoodyConfig(BasePipelineConfig):
    pipeline_id = "moody-test"
    pipeline_name = "Moody"
    pipeline_description = "Darkens; how a clip's frames begin decides what else it does."
    supports_prompts = True
    modes = {"video": ModeDefaults(default=True), "text": ModeDefaults()}
    level: float = Field(default=1.0, ge=0.0, le=1.0)
    count: int = Field(default=3, ge=0, le=9)
    kind: str = Field(default="a", json_schema_extra=ui_field_config(is_load_param=True))

    @classmethod
    def keeps_state(cls, values):
        return values["count"] > 3


class Moody(Pipeline):
    def __init__(self, base_seed=42, **kwargs):
        self.seed = base_seed

    @classmethod
    def get_config_class(cls):
        return MoodyConfig

    def __call__(self, **kwargs):
        print("plugins may print")
        if not kwargs.get("video"):
            return {"video": torch.full((1, 16, 16, 3), self.seed % 256 / 255)}
        frame = kwargs["video"][0].float() / 255.0
        # Only a clip of one shade asks for something.
        shade = round(float(frame.mean()), 1) if float(frame.std()) < 0.02 else 1.0
        if shade == 0.1:
            raise RuntimeError("this clip is poison")
        if shade == 0.2:
            os.kill(os.getpid(), signal.SIGKILL)
        marker = pathlib.Path(os.environ["MOODY_TEST"]) / "been-there"
        if shade == 0.3 and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if shade == 0.9:
            time.sleep(0.3)
        if shade == 0.4 and not list(marker.parent.glob("waiting-*")):
            (marker.parent / f"waiting-{os.getpid()}").touch()
            time.sleep(600)
        return {"video": frame * kwargs.get("level", 1.0)}


class LearnedConfig(MoodyConfig):
    pipeline_id = "moody-learned"
    artifacts = [HuggingfaceRepoArtifact(repo_id="team/Moody", files=["shade.bin"])]


class Learned(Moody):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        get_model_file_path("Moody/shade.bin").read_bytes()

    @classmethod
    def get_config_class(cls):
        return LearnedConfig


@hookimpl
def register_pipelines(register):
    register(Moody)
    register(Learned)
"""


@pytest.fixture
def plugin(tmp_path_factory, monkeypatch) -> Path:
    """The plugin, installed for this process and its children; the folder of its marks is returned."""
    return install_plugin(tmp_path_factory, monkeypatch)


@pytest.fixture(scope="module")
def module_plugin(tmp_path_factory) -> Iterator[Path]:
    """The same for all tests of a module."""
    with pytest.MonkeyPatch.context() as patched:
        yield install_plugin(tmp_path_factory, patched)


def install_plugin(tmp_path_factory, monkeypatch) -> Path:
    """Install the plugin for as long as the patches last."""
    site = tmp_path_factory.mktemp("site")
    (site / "plug_moody.py").write_text(PLUGIN)
    info = site / "moody_test-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: moody-test\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[scope]\nplug_moody = plug_moody\n")
    marks = tmp_path_factory.mktemp("marks")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH")))))
    monkeypatch.setenv("MOODY_TEST", str(marks))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return marks


@pytest.fixture
def clip(tmp_path) -> Callable[..., Path]:
    """`clip(name, shade)`: a few frames of one shade of grey."""

    def make(name: str, shade: float, frames: int = 3) -> Path:
        return make_clip(tmp_path / "clips" / name, shade, frames)

    return make


@pytest.fixture(scope="session")
def clip_at() -> Callable[..., Path]:
    """`clip_at(path, shade)`: the same anywhere."""
    return make_clip


def make_clip(path: Path, shade: float, frames: int = 3) -> Path:
    """A film of one shade of grey, ten frames a second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_sink(path, rate=Fraction(10)) as sink:
        sink.write(torch.full((frames, 16, 16, 3), shade))
    return path


@pytest.fixture
def setup_file(tmp_path) -> Path:
    """A set-up with the plugin alone."""
    path = tmp_path / "setup.json"
    path.write_text(json.dumps({"scope": 1, "stages": [{"id": "moody", "pipeline": "moody-test"}]}))
    return path


class ScriptedCrew:
    """Ends each job as it is told to: with a result, or with the errors listed for its name, one an attempt."""

    def __init__(self, errors: dict[str, list[str]] | None = None) -> None:
        self.errors = errors or {}
        self.given: list[str] = []
        self.closed = False

    def work(self, jobs: deque[Job]) -> Iterator[Event]:
        while jobs:
            job = jobs.popleft()
            self.given.append(job.name)
            yield Began("w", job)
            errors = self.errors.get(job.name)
            if errors:
                yield Ended("w", job, error=errors.pop(0))
                continue
            with delivered(job.output) as film:
                film.write_text("a film")
            yield Ended("w", job, result=self._result(job))

    def _result(self, job: Job) -> dict[str, Any]:
        if job.joins:
            return {"frames": 10 * len(job.joins), "seconds": 1.0, "parts": len(job.joins)}
        size = {"bytes": Path(job.input).stat().st_size, "blake2b": ""} if job.input else None
        return {"frames": 10, "seconds": 2.0, "input": size}

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def scripted() -> type[ScriptedCrew]:
    return ScriptedCrew


class InlineCrew:
    """One real worker, in this process."""

    def work(self, jobs: deque[Job]) -> Iterator[Event]:
        worker = Worker()
        while jobs:
            job = jobs.popleft()
            yield Began(worker.name, job)
            try:
                ended = Ended(worker.name, job, worker.render(job, lambda done, total: None))
            except Exception as error:  # noqa: BLE001 - as a worker process does
                ended = Ended(worker.name, job, error=sentence(error))
            yield ended

    def close(self) -> None:
        """There is nobody to send away."""


@pytest.fixture
def inline() -> type[InlineCrew]:
    return InlineCrew


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory) -> Iterator[Path | None]:
    """A folder on a file system of a megabyte of its own; None where nothing may be mounted."""
    folder = tmp_path_factory.mktemp("small")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False)
    if mounted.returncode:
        yield None
        return
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def full_disk(small_disk) -> Iterator[Path]:
    """The small disk with two pages left, for with none Python would take another for its temporary files; the file that
    fills it is returned."""
    if small_disk is None:
        pytest.skip("SKIPPED: no file system may be mounted here, so no disk can be filled")
    filler = small_disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    os.truncate(filler, filler.stat().st_size - 2 * 4096)
    yield filler
    filler.unlink(missing_ok=True)


@pytest.fixture
def noise(tmp_path) -> Callable[..., Path]:
    """`noise(name)`: half a second that does not compress well."""

    def make(name: str) -> Path:
        path = tmp_path / "clips" / name
        path.parent.mkdir(exist_ok=True)
        with open_sink(path, rate=Fraction(24)) as sink:
            sink.write(0.5 + 0.4 * torch.rand(12, 128, 128, 3, generator=torch.Generator().manual_seed(1)))
        return path

    return make
