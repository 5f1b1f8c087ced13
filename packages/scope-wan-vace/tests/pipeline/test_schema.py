"""What a host learns without loading anything."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import scope_wan_vace
from scope_testkit.readme import update
from scope_wan_vace.catalogue import AUTOENCODERS, GENERATORS, GeneratorName, VaeType
from scope_wan_vace.schema import WanVaceConfig

README = Path(__file__).parents[2] / "README.md"


def test_importing_the_plugin_imports_neither_torch_nor_diffusers():
    code = "import sys, scope_wan_vace; print({'torch', 'diffusers', 'pydantic'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"


def test_the_distribution_has_one_entry_point_and_a_benchmark():
    entry_points = metadata.distribution("scope-wan-vace").entry_points
    assert [(e.name, e.value) for e in entry_points.select(group="scope")] == [("scope_wan_vace", "scope_wan_vace")]


def test_the_hook_registers_the_pipeline_and_logs_instead_of_raising(caplog):
    def refuse(pipeline):
        raise RuntimeError("the id is taken")

    registered = []
    scope_wan_vace.register_pipelines(registered.append)
    assert [pipeline.get_config_class() for pipeline in registered] == [WanVaceConfig]
    scope_wan_vace.register_pipelines(refuse)
    assert "scope-wan-vace: could not register the pipeline 'wan-vace'" in caplog.text
    assert "the id is taken" in caplog.text


def test_the_version_is_that_of_the_package():
    assert WanVaceConfig.pipeline_version == metadata.version("scope-wan-vace")


def test_the_readme_has_the_table_of_the_schema():
    assert not update(README, [WanVaceConfig])


def test_modes_features_and_ports_are_declared():
    metadata = WanVaceConfig.get_schema_with_metadata()
    assert metadata["id"] == "wan-vace"
    assert metadata["supported_modes"] == ["text", "video"]
    assert metadata["default_mode"] == "text"
    for feature in ("vace", "lora", "quantization", "cache_management", "prompts"):
        assert metadata[f"supports_{feature}"]
    assert metadata["inputs"] == ["video", "vace_input_frames", "vace_input_masks"]
    assert metadata["estimated_vram_gb"] > 10
    json.dumps(metadata)


def test_every_model_of_the_menus_is_an_artifact():
    for found in (*GENERATORS.values(), *AUTOENCODERS):
        assert found.artifact in WanVaceConfig.artifacts


def test_the_menus_are_the_tables():
    assert list(GENERATORS) == list(GeneratorName)
    assert [*AUTOENCODERS, VaeType.AUTO] == list(VaeType)


def test_every_own_field_has_a_control_and_every_slider_both_ends():
    properties = WanVaceConfig.model_json_schema()["properties"]
    for name in WanVaceConfig.__annotations__:
        assert "label" in properties[name]["ui"], name
    for name in ("vace_context_scale", "height", "base_seed"):
        assert {"minimum", "maximum"} <= properties[name].keys()
