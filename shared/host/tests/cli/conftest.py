"""The command line with one small plugin installed beside whatever else is there."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scope.cli import main

PLUGIN = """
import torch
from pydantic import Field
from scope.core import hookimpl
from scope.core.pipelines.artifacts import HuggingfaceRepoArtifact
from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType, ui_field_config
from scope.core.pipelines.interface import Pipeline, Requirements


class DimConfig(BasePipelineConfig):
    pipeline_id = "dim-test"
    pipeline_name = "Dim"
    pipeline_description = "Darkens."
    supports_prompts = False
    modes = {"video": ModeDefaults(default=True)}
    usage = [UsageType.PREPROCESSOR]
    level: float = Field(default=1.0, ge=0.0, le=1.0, json_schema_extra=ui_field_config(label="Level"))
    crash_after: int = Field(default=1000, ge=0)
    shape: str = "good"
    strength: float = Field(default=1.0, ge=0.0, json_schema_extra=ui_field_config(is_load_param=True))


class Dim(Pipeline):
    def __init__(self, strength=1.0, **kwargs):
        if strength > 10:
            raise ValueError("no lamp is that strong")
        self.calls = 0

    @classmethod
    def get_config_class(cls):
        return DimConfig

    def prepare(self, **kwargs):
        return Requirements(input_size=1)

    def __call__(self, **kwargs):
        self.calls += 1
        if self.calls > kwargs.get("crash_after", 1000):
            raise RuntimeError("the lamp burned out")
        video = torch.cat([f.float() for f in kwargs["video"]]) / 255.0 * kwargs.get("level", 1.0)
        if kwargs.get("shape") == "nan":
            video[:, 0] = torch.nan
        return {"video": video[0] if kwargs.get("shape") == "hwc" else video}


class GlowConfig(BasePipelineConfig):
    pipeline_id = "glow-test"
    pipeline_name = "Glow"
    pipeline_description = "Glows."
    supports_prompts = True
    modes = {"text": ModeDefaults(default=True), "video": ModeDefaults()}
    level: float = Field(default=0.5, ge=0.0, le=1.0)


class Glow(Pipeline):
    def __init__(self, height=512, width=512, base_seed=42, **kwargs):
        self.size, self.seed = (height, width), base_seed

    @classmethod
    def get_config_class(cls):
        return GlowConfig

    def __call__(self, **kwargs):
        if kwargs.get("video"):
            return {"video": kwargs["video"][0].float() / 255.0}
        red = kwargs["frame_time"] if not kwargs.get("prompt") else 1.0
        color = torch.tensor([min(red, 1.0), kwargs.get("level", 0.5), (self.seed % 256) / 255])
        return {"video": color.expand(1, *self.size, 3)}


class HumConfig(BasePipelineConfig):
    pipeline_id = "hum-test"
    pipeline_name = "Hum"
    pipeline_description = "Hums, with or without a picture."
    modes = {"text": ModeDefaults(default=True), "video": ModeDefaults()}
    produces_audio = True
    silent_frames: int = Field(default=0, ge=0)


class Hum(Pipeline):
    def __init__(self, **kwargs):
        self.calls = 0

    @classmethod
    def get_config_class(cls):
        return HumConfig

    def __call__(self, **kwargs):
        self.calls += 1
        sound = {"audio": torch.sin(torch.arange(2000) / 8)[None], "audio_sample_rate": 20000}
        picture = {"video": torch.zeros(1, 16, 16, 3)}
        return picture | (sound if self.calls > kwargs.get("silent_frames", 0) else {})


class VoiceConfig(HumConfig):
    pipeline_id = "voice-test"
    produces_video = False


class Voice(Hum):
    @classmethod
    def get_config_class(cls):
        return VoiceConfig

    def __call__(self, **kwargs):
        result = super().__call__(**kwargs)
        return {name: value for name, value in result.items() if name != "video"}


class SlowConfig(GlowConfig):
    pipeline_id = "slow-test"


class Slow(Glow):
    @classmethod
    def get_config_class(cls):
        return SlowConfig

    def __call__(self, **kwargs):
        return super().__call__(**kwargs) | {"frame_rate": 10}


class HeavyConfig(GlowConfig):
    pipeline_id = "heavy-test"
    artifacts = [HuggingfaceRepoArtifact(repo_id="a/Heavy", files=["w1.pth", "w2.pth", "w3.pth", "w4.pth"])]


class Heavy(Glow):
    def __init__(self, **kwargs):
        raise FileNotFoundError("w1.pth is not there")

    @classmethod
    def get_config_class(cls):
        return HeavyConfig


@hookimpl
def register_pipelines(register):
    register(Dim)
    register(Glow)
    register(Heavy)
    register(Hum)
    register(Voice)
    register(Slow)


@hookimpl
def register_nodes(register):
    register(type("LampNode", (), {"node_type_id": "lamp-node"}))


def later():
    from scope.server.frames import FrameProcessor
"""


@dataclass
class Outcome:
    """What a command printed and returned."""

    code: int
    out: str
    err: str


@pytest.fixture
def scope(tmp_path_factory, monkeypatch, capfd) -> Iterator[Callable[..., Outcome]]:
    """Run a command in this process: `scope("render", "dim-test", …)`."""
    site = tmp_path_factory.mktemp("site")
    install(site, "lamp-test", PLUGIN)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(site / "models"))

    def run(*argv: object) -> Outcome:
        capfd.readouterr()
        code = main([str(word) for word in argv])
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    yield run
    sys.modules.pop("plug_lamp_test", None)


def install(site: Path, name: str, code: str) -> None:
    """Write a distribution as an installer leaves it."""
    module = f"plug_{name.replace('-', '_')}"
    (site / f"{module}.py").write_text(code)
    info = site / f"{name.replace('-', '_')}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[scope]\n{module} = {module}\n")


@pytest.fixture
def install_plugin() -> Callable[[Path, str, str], None]:
    """`install_plugin(site, name, code)`."""
    return install


@pytest.fixture
def break_plugin(scope, tmp_path, monkeypatch) -> None:
    """Another plugin beside the good one, which does not import."""
    install(tmp_path, "broken-test", "import a_module_that_is_not_there")
    monkeypatch.syspath_prepend(str(tmp_path))
