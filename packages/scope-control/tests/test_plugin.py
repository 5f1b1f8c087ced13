"""The plugin as a host finds it, its panel, and its README."""

import json
import logging
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import get_args

import pytest

import scope_control
from scope_control.maps import MAPS
from scope_control.networks.schema import DepthConfig, MatteConfig
from scope_control.schema import ControlConfig
from scope_testkit.readme import update

README = Path(__file__).parent.parent / "README.md"
OWN = {name: field for name, field in ControlConfig.model_fields.items() if name.startswith("control_")}


def test_importing_the_plugin_imports_neither_torch_nor_pydantic():
    code = "import sys, scope_control; print({'torch', 'pydantic'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"


def test_the_distribution_has_one_entry_point():
    found = metadata.distribution("scope-control").entry_points.select(group="scope")
    assert [(e.name, e.load()) for e in found] == [("scope_control", scope_control)]


def test_the_hook_registers_the_maps_and_those_of_networks():
    registered = []
    scope_control.register_pipelines(registered.append)
    assert [p.get_config_class().pipeline_id for p in registered] == ["control", "control-depth", "control-matte"]


def test_the_hook_logs_instead_of_raising(caplog):
    def refuse(pipeline):
        raise RuntimeError("the id is taken")

    with caplog.at_level(logging.ERROR):
        scope_control.register_pipelines(refuse)
    assert "scope-control: could not register its pipelines" in caplog.text
    assert "the id is taken" in caplog.text


def test_the_menu_offers_the_maps_there_are_and_older_names():
    assert list(get_args(ControlConfig.model_fields["control_map"].annotation)) == [entry.name for entry in MAPS] + [
        "grey",
        "normals",
    ]


@pytest.mark.parametrize("name", OWN)
def test_every_control_has_a_widget_with_label_tooltip_and_bounds(name):
    schema = ControlConfig.model_json_schema()["properties"][name]
    assert schema["ui"]["label"]
    assert schema["description"]
    assert not schema["ui"]["is_load_param"]
    if schema["type"] in ("number", "integer"):
        assert schema["minimum"] < schema["maximum"]


def test_no_two_controls_claim_one_place():
    schema = ControlConfig.model_json_schema()["properties"]
    orders = [schema[name]["ui"]["order"] for name in OWN]
    assert len(set(orders)) == len(orders)


def test_released_controls_keep_their_names_values_and_defaults():
    """What a host has saved with an older version must mean the same; new controls and choices may come."""
    released = json.loads(Path(__file__).with_name("released.json").read_text(encoding="utf-8"))
    properties = ControlConfig.model_json_schema()["properties"]
    for name, was in released.items():
        now = properties[name]
        assert {key: now[key] for key in was if key != "enum"} == {key: was[key] for key in was if key != "enum"}
        assert set(was.get("enum", [])) <= set(now.get("enum", []))


def test_the_version_is_that_of_the_package():
    assert ControlConfig.pipeline_version == metadata.version("scope-control")


def test_the_readme_has_the_table_of_the_schema():
    assert not update(README, [ControlConfig, DepthConfig, MatteConfig])
