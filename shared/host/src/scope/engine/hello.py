"""What an engine can play and on what: found out once, when it starts."""

import json
import os
import platform
from dataclasses import asdict
from importlib import metadata
from typing import Any

import torch

from scope.core.pipelines.artifacts import Artifact
from scope.core.pipelines.registry import Registry
from scope.core.plugins.manager import HostConflictError, PluginReport, load_plugins
from scope.engine.events import Hello
from scope.install.activate import Active, activate


def load_all(registry: Registry, *, safe: bool = False) -> tuple[Active, list[PluginReport], list[str]]:
    """Load every plugin of this environment and of the current generation (not of that with `safe`) into `registry`.

    The generation is in use for as long as the first of the three lives; the last are sentences for a person.
    """
    active = activate(safe=safe)
    try:
        reports = load_plugins(registry, before=lambda name, version: active.loading(name))
    except HostConflictError as error:
        return active, [], [*active.notes, str(error)]
    active.loaded()
    problems = [f"{report.package} {problem}" for report in reports for problem in report.problems]
    return active, reports, [*active.notes, *problems]


def hello(registry: Registry, reports: list[PluginReport], problems: list[str]) -> Hello:
    """Everything that a server needs to show what is there."""
    owners = {pipeline: report.package for report in reports for pipeline in report.pipelines}
    return Hello(
        pipelines={name: described(registry, name) | {"plugin": owners.get(name)} for name in registry},
        plugins=[asdict(report) for report in reports],
        device=device(),
        versions={"python": platform.python_version(), "torch": str(torch.__version__), "scope": _version()},
        pid=os.getpid(),
        problems=problems,
    )


def described(registry: Registry, pipeline: str) -> dict[str, Any]:
    """The pipeline's schema with its metadata and artifacts, in JSON's own types: a server has none of the plugin's."""
    config = registry.config(pipeline)
    artifacts = [artifact.to_json() for artifact in config.artifacts if isinstance(artifact, Artifact)]
    return json.loads(json.dumps(config.get_schema_with_metadata() | {"artifacts": artifacts}, default=str))


def device() -> dict[str, Any]:
    """What the pipelines run on: `kind`, `name`, and `memory_gb` of a GPU."""
    if not torch.cuda.is_available():
        return {"kind": "cpu", "name": f"{platform.machine()}, {os.cpu_count()} cores", "memory_gb": None}
    properties = torch.cuda.get_device_properties(0)
    return {"kind": "cuda", "name": properties.name, "memory_gb": round(properties.total_memory / 2**30, 1)}


def _version() -> str:
    return metadata.version("scope-host")
