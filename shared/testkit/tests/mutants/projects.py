"""Mutants as project folders, for what shows only when a wheel is built."""

from dataclasses import dataclass
from pathlib import Path

_PROJECT = """
[project]
name = "{name}"
version = "0.1.0"
requires-python = ">=3.12"

[project.entry-points."scope"]
{package} = "{package}"

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["src/{package}"]
"""
_INIT = """
{first}
from scope.core.plugins.hookspecs import hookimpl

from {package}.numbers import GAIN


@hookimpl
def register_pipelines(register):
    from {package}.pipeline import Dim

    register(Dim)
"""
_PIPELINE = """
import torch
from {package}.numbers import GAIN

from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults
from scope.core.pipelines.interface import Pipeline, Requirements


class DimConfig(BasePipelineConfig):
    pipeline_id = "{name}"
    pipeline_name = "Dim"
    pipeline_description = "Darkens"
    supports_prompts = False
    modes = {"video": ModeDefaults(default=True)}


class Dim(Pipeline):
    @classmethod
    def get_config_class(cls):
        return DimConfig

    def __init__(self, **load):
        pass

    def prepare(self, **kwargs):
        return Requirements(input_size=1)

    @torch.inference_mode()
    def __call__(self, **kwargs):
        height, width = kwargs["video"][0].shape[1:3]
        planes = [frame.permute(0, 3, 1, 2).to(torch.float32) for frame in kwargs["video"]]
        sized = [torch.nn.functional.interpolate(plane, (height, width)) for plane in planes]
        return {"video": (GAIN * torch.cat(sized) / 255.0).permute(0, 2, 3, 1).clamp(0.0, 1.0)}
"""


@dataclass(frozen=True)
class Project:
    """`folder` (None: like the distribution), lines added to pyproject.toml, and the first line of `__init__.py`."""

    added: str = ""
    folder: str | None = None
    first: str = ""


INSIDES = "P018"
PROJECTS = {
    "": Project(),
    "P011": Project(folder="checkout"),
    "P015": Project(added='\n[tool.hatch.build.hooks.custom]\npath = "absent.py"\n'),
    "P016": Project(added='exclude = ["numbers.py"]\n'),
    "P020": Project(added='\n[tool.scope-check.allow]\nV005 = "the table is in a file"\n'),
    INSIDES: Project(first="from scope.server.frames import FrameProcessor"),
}


def write(parent: Path, code: str) -> Path:
    """Write the project of a code into a new folder and return that."""
    project = PROJECTS[code]
    name = f"scope-dim{code.lower()}"
    package = name.replace("-", "_")
    home = parent / (project.folder or name)
    source = home / "src" / package
    source.mkdir(parents=True)
    texts = {
        home / "pyproject.toml": _PROJECT + project.added,
        source / "__init__.py": _INIT.replace("{first}", project.first),
        source / "numbers.py": "GAIN = 0.5\n",
        source / "pipeline.py": _PIPELINE,
    }
    for path, text in texts.items():
        path.write_text(text.replace("{package}", package).replace("{name}", name), encoding="utf-8")
    return home
