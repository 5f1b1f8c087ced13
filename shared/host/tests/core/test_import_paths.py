"""The import paths that plugins rely on, each the same object wherever it is imported from."""

import subprocess
import sys

from scope.core.plugins.insides import OFFERED


def test_every_import_of_the_reference_text_works():
    from scope.core.pipelines.artifacts import GoogleDriveArtifact, HuggingfaceRepoArtifact
    from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType, ui_field_config
    from scope.core.pipelines.common_artifacts import VACE_ARTIFACT, WAN_1_3B_ARTIFACT
    from scope.core.pipelines.defaults import prepare_for_mode
    from scope.core.pipelines.interface import Pipeline, Requirements
    from scope.core.plugins.hookspecs import hookimpl

    assert all(
        (
            BasePipelineConfig,
            GoogleDriveArtifact,
            HuggingfaceRepoArtifact,
            ModeDefaults,
            Pipeline,
            Requirements,
            UsageType,
            VACE_ARTIFACT,
            WAN_1_3B_ARTIFACT,
            hookimpl,
            prepare_for_mode,
            ui_field_config,
        )
    )


def test_older_paths_give_the_same_objects():
    import scope.core
    from scope.core.pipelines import base_schema, controller, enums, schema, utils
    from scope.core.plugins import hookspecs

    assert scope.core.hookimpl is hookspecs.hookimpl
    assert schema.BasePipelineConfig is base_schema.BasePipelineConfig
    assert schema.UsageType is base_schema.UsageType
    assert controller.CtrlInput is base_schema.CtrlInput
    assert utils.VaeType is enums.VaeType


def test_the_plugin_api_imports_without_torch():
    modules = ", ".join(["scope.core.plugins.manager", *sorted(OFFERED)])
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
