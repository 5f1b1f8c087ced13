"""Mutants of packaging: a plugin as an installed distribution, with one thing about it changed."""

from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from textwrap import dedent

# Not an import statement: a plugin of the outside world does not import from these tests.
PIPELINE = """
import importlib

clean = importlib.import_module("mutants.clean")


class Config(clean.GainConfig):
    pipeline_id = "{id}"


class Fine(clean.Gain):
    config = Config
"""
HOOK = """
from scope.core.plugins.hookspecs import hookimpl


@hookimpl
def register_pipelines(register):
    from {package}.pipeline import Fine

    register(Fine)
"""


@dataclass(frozen=True)
class Recipe:
    """What is changed about the plain plugin; `{package}` stands for its import name."""

    init: str = HOOK
    pipeline: str = PIPELINE
    points: tuple[str, ...] = ("scope_{package} = {package}",)
    metadata: tuple[str, ...] = ("Requires-Python: >=3.12",)
    others: dict[str, str] = field(default_factory=dict)
    id: str = "mutant-package"


def _hook(body: str, arguments: str = "register") -> str:
    head = "from scope.core.plugins.hookspecs import hookimpl\n\n\n@hookimpl\n"
    return f"{head}def register_pipelines({arguments}):\n    {body}\n"


PACKAGES = {
    "P001": Recipe(points=()),
    "P002": Recipe(points=("one = {package}", "two = {package}.pipeline")),
    "P003": Recipe(init="import no_such_module_of_mine\n" + HOOK, metadata=("Requires-Dist: no-such-module-of-mine",)),
    "P004": Recipe(init=HOOK.replace("@hookimpl", "")),
    "P005": Recipe(init=_hook("pass", "register, config")),
    "P006": Recipe(init=_hook('raise OSError("no model")')),
    "P007": Recipe(init=_hook("pass")),
    "P008": Recipe(init=_hook("register(int)")),
    "P009": Recipe(init="import torch  # noqa: F401\n" + HOOK),
    "P010": Recipe(id="invert"),
    "P012": Recipe(metadata=("Requires-Dist: torch==2.4", "Requires-Dist: numpy")),
    "P013": Recipe(metadata=("Requires-Dist: daydream-scope",)),
    "P014": Recipe(metadata=("Requires-Python: <3.12",)),
    "P017": Recipe(pipeline=PIPELINE + "\n\ndef late():\n    import cv2\n\n    return cv2\n"),
    "P018": Recipe(pipeline=PIPELINE + "\n\ndef late():\n    from scope.server.app import app\n\n    return app\n"),
    "P019": Recipe(others={"tests/__init__.py": ""}),
}

OBJECT = """
from scope.core.plugins.hookspecs import hookimpl


class Plugin:
    __name__ = None

    {hook}


plugin = Plugin()
"""
BROKEN_OBJECTS = {
    "P004": Recipe(init=OBJECT.replace("{hook}", "pass"), points=("scope = {package}:plugin",)),
    "P007": Recipe(
        init=OBJECT.replace("{hook}", "@hookimpl\n    def register_pipelines(self, register):\n        pass"),
        points=("scope = {package}:plugin",),
    ),
    "P018": Recipe(init="from scope.server.frames import FrameProcessor\n"),
}
CLEAN = {
    "plain": Recipe(),
    "unversioned requirements of what a host provides": Recipe(
        metadata=("Requires-Dist: numpy", "Requires-Dist: torch")
    ),
    "an object as entry point": Recipe(
        init=OBJECT.replace(
            "{hook}",
            "@hookimpl\n    def register_pipelines(self, register):\n"
            "        from {package}.pipeline import Fine\n\n        register(Fine)",
        ),
        points=("scope = {package}:plugin",),
    ),
    "registered through the class": Recipe(
        init=HOOK.replace(
            "register(Fine)",
            "from scope.core.pipelines.registry import PipelineRegistry\n\n"
            "    PipelineRegistry.register('mutant-package', Fine)",
        )
    ),
    "nodes alone": Recipe(
        init="from scope.core import hookimpl\nfrom scope.core.nodes.base import BaseNode\n\n\n"
        "@hookimpl\ndef register_nodes(register):\n    register(BaseNode)\n"
    ),
    "helpers beside the reference text": Recipe(
        pipeline=PIPELINE + "\n\ndef late():\n    from scope.core.pipelines.process import preprocess_chunk\n"
        "    from scope.core.pipelines.registry import PipelineRegistry\n\n"
        "    return preprocess_chunk, PipelineRegistry.list_pipelines()\n"
    ),
}


def install(folder: Path, package: str, recipe: Recipe) -> metadata.Distribution:
    """Write the package and its metadata into a folder as an installer does, and return the distribution."""
    names = {"package": package, "id": recipe.id}
    files = {
        f"{package}/__init__.py": recipe.init.replace("{package}", package),
        f"{package}/pipeline.py": recipe.pipeline.replace("{id}", recipe.id),
        **recipe.others,
    }
    info = f"{package}-1.0.dist-info"
    head = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
    files[f"{info}/METADATA"] = head + "".join(f"{line}\n" for line in recipe.metadata)
    points = "".join(f"{point.format(**names)}\n" for point in recipe.points)
    files[f"{info}/entry_points.txt"] = f"[scope]\n{points}" if points else ""
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in files)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(text), encoding="utf-8")
    return metadata.Distribution.at(folder / info)
