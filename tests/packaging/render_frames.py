"""Prints digests of what every pipeline of some plugins renders, as JSON; run by the Python of an environment.

Usage: render_frames.py DISTRIBUTION… Each pipeline is made as a host makes it, in each of its modes, with its defaults,
with every amount turned up, and with every choice of every menu, one of each menu at a time.
Networks read tiny random weights in the real formats.
"""

import hashlib
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from scope.core.pipelines.interface import Pipeline
from scope.core.pipelines.registry import Registry
from scope.core.plugins.manager import PluginReport, load_plugins

HEIGHT, WIDTH, CALLS = 48, 64, 2
AMOUNT = 0.7
MODELS = {"scope-control": "scope_control.networks.tiny", "scope-wan-vace": "scope_wan_vace.tiny"}


def main(distributions: list[str]) -> None:
    registry = Registry()
    reports = {report.package: report for report in load_plugins(registry)}
    with tempfile.TemporaryDirectory() as models:
        os.environ["DAYDREAM_SCOPE_MODELS_DIR"] = models
        print(json.dumps({name: rendered(registry, reports[name], Path(models)) for name in distributions}))


def rendered(registry: Registry, report: PluginReport, models: Path) -> dict[str, Any]:
    assert report.ok, report.problems
    write_models(report.package, models)
    pipelines = {name: dict(renders(registry.get(name))) for name in report.pipelines}
    copy = f"{report.package.replace('-', '_')}._vendor.scope_gpu"
    return {"library": [name for name in ("scope_gpu", copy) if name in sys.modules], "pipelines": pipelines}


def write_models(distribution: str, folder: Path) -> None:
    if distribution in MODELS:
        importlib.import_module(MODELS[distribution]).write_models(folder)


def renders(pipeline: type[Pipeline]) -> Iterator[tuple[str, list[str]]]:
    config = pipeline.get_config_class()
    for mode in config.get_supported_modes():
        for label, values in settings(config):
            yield f"{mode}: {label}", list(digests(pipeline, config, mode, values))


def settings(config: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    schema = config.model_json_schema()
    live = {name: field for name, field in schema["properties"].items() if is_live(field)}
    amounts = {name: amount(field) for name, field in live.items() if "maximum" in field and "minimum" in field}
    yield "defaults", {}
    yield "turned up", amounts
    menus = {name: choices(field, schema.get("$defs", {})) for name, field in live.items()}
    menus = {name: offered for name, offered in menus.items() if offered}
    for turn in range(max(map(len, menus.values()), default=0)):
        yield f"choices {turn}", amounts | {name: offered[turn % len(offered)] for name, offered in menus.items()}


def is_live(field: dict[str, Any]) -> bool:
    return "ui" in field and not field["ui"].get("is_load_param")


def amount(field: dict[str, Any]) -> float:
    value = field["minimum"] + AMOUNT * (field["maximum"] - field["minimum"])
    return round(value) if field["type"] == "integer" else value


def choices(field: dict[str, Any], definitions: dict[str, Any]) -> list[Any]:
    if field.get("type") == "boolean":
        return [not field.get("default")]
    return definitions.get(field.get("$ref", "").split("/")[-1], field).get("enum", [])


def digests(pipeline: type[Pipeline], config: Any, mode: str, values: dict[str, Any]) -> Iterator[str]:
    torch.manual_seed(0)
    defaults = {name: field.default for name, field in config.model_fields.items() if field.default is not None}
    made = pipeline(**(defaults | {"height": HEIGHT, "width": WIDTH}))
    frames = film()
    for call in range(CALLS):
        given = values | {
            "init_cache": call == 0,
            "frame_time": call / 8,
            "prompts": [{"text": "a fox", "weight": 1.0}],
        }
        if mode == "video":
            needed = made.prepare(video=True)
            given["video"] = [next(frames) for _ in range(needed.input_size if needed else 1)]
        yield digest(made(**given)["video"])


def film() -> Iterator[torch.Tensor]:
    noise = torch.Generator().manual_seed(1)
    picture = torch.randint(0, 256, (1, HEIGHT, WIDTH, 3), dtype=torch.uint8, generator=noise)
    while True:
        picture = picture.roll(2, dims=2)
        yield picture.clone()


def digest(video: torch.Tensor) -> str:
    video = video.detach().to("cpu", torch.float32).contiguous()
    content = hashlib.sha256(video.numpy().tobytes()).hexdigest()[:16]
    return f"{tuple(video.shape)} {video.mean().item():.4f} {content}"


if __name__ == "__main__":
    main(sys.argv[1:])
