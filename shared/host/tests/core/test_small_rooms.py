"""Directories, artifacts, and the small helpers that plugins import."""

from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import save_file

from scope.core import config
from scope.core.nodes.base import BaseNode, NodeDefinition, NodeParam, NodePort
from scope.core.pipelines import common_artifacts
from scope.core.pipelines.artifacts import GoogleDriveArtifact, HuggingfaceRepoArtifact
from scope.core.pipelines.controller import CtrlInput, convert_to_win_keycodes
from scope.core.pipelines.defaults import prepare_for_mode, resolve_input_mode
from scope.core.pipelines.enums import Quantization, VaeType
from scope.core.pipelines.interface import Pipeline, Requirements
from scope.core.pipelines.utils import load_state_dict, validate_resolution


class Unbuilt(Pipeline):
    @classmethod
    def get_config_class(cls):
        raise AssertionError("not needed")

    def __call__(self, **kwargs):
        return {}


def test_directories_lie_in_the_home_folder(monkeypatch):
    for variable in ("DIR", "MODELS_DIR", "PLUGINS_DIR", "ASSETS_DIR"):
        monkeypatch.delenv(f"DAYDREAM_SCOPE_{variable}", raising=False)
    base = Path.home() / ".daydream-scope"
    assert config.get_base_dir() == base
    assert config.get_models_dir() == base / "models"
    assert config.get_plugins_dir() == base / "plugins"
    assert config.get_assets_dir() == base / "assets"


def test_a_user_without_a_home_is_told_to_name_a_folder(monkeypatch, tmp_path):
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.delenv("DAYDREAM_SCOPE_PLUGINS_DIR", raising=False)
    monkeypatch.setenv("DAYDREAM_SCOPE_DIR", str(tmp_path))
    assert config.get_plugins_dir() == tmp_path / "plugins"
    monkeypatch.delenv("DAYDREAM_SCOPE_DIR")
    with pytest.raises(config.HomelessError, match="set DAYDREAM_SCOPE_DIR"):
        config.get_plugins_dir()


def test_each_directory_can_be_moved_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("DAYDREAM_SCOPE_PLUGINS_DIR", raising=False)
    monkeypatch.setenv("DAYDREAM_SCOPE_DIR", str(tmp_path))
    assert config.get_models_dir() == tmp_path / "models"
    monkeypatch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(tmp_path / "elsewhere"))
    assert config.get_model_file_path("Autoencoders/taew2_1.pth") == tmp_path / "elsewhere" / "Autoencoders/taew2_1.pth"
    assert config.get_plugins_dir() == tmp_path / "plugins"


def test_repository_files_land_under_the_repository_name():
    artifact = HuggingfaceRepoArtifact(repo_id="someone/Model-1", files=["a.pth", "folder"])
    assert artifact.local_paths() == [PurePosixPath("Model-1/a.pth"), PurePosixPath("Model-1/folder")]


def test_drive_files_land_under_the_artifact_name():
    artifact = GoogleDriveArtifact(file_id="1Smy", files=["flownet.pkl"], name="RIFE")
    assert artifact.local_paths() == [PurePosixPath("RIFE/flownet.pkl")]


def test_an_artifact_refuses_unknown_fields():
    with pytest.raises(ValidationError, match="branch"):
        HuggingfaceRepoArtifact.model_validate({"repo_id": "a/b", "files": [], "branch": "main"})


@pytest.mark.parametrize(
    ("name", "repo", "files"),
    [
        ("WAN_1_3B_ARTIFACT", "daydreamlive/Wan2.1-T2V-1.3B", ["config.json", "Wan2.1_VAE.pth", "google"]),
        (
            "UMT5_ENCODER_ARTIFACT",
            "daydreamlive/WanVideo_comfy",
            ["config.json", "umt5-xxl-enc-fp8_e4m3fn.safetensors"],
        ),
        ("VACE_ARTIFACT", "daydreamlive/WanVideo_comfy", ["Wan2_1-VACE_module_1_3B_bf16.safetensors"]),
        ("VACE_14B_ARTIFACT", "daydreamlive/WanVideo_comfy", ["Wan2_1-VACE_module_14B_bf16.safetensors"]),
        ("LIGHTVAE_ARTIFACT", "daydreamlive/Autoencoders", ["config.json", "lightvaew2_1.pth"]),
        ("TAE_ARTIFACT", "daydreamlive/Autoencoders", ["taew2_1.pth"]),
        ("LIGHTTAE_ARTIFACT", "daydreamlive/Autoencoders", ["lighttaew2_1.pth"]),
    ],
)
def test_common_artifacts_name_the_shared_files(name, repo, files):
    artifact = getattr(common_artifacts, name)
    assert (artifact.repo_id, artifact.files) == (repo, files)


def test_a_multi_mode_pipeline_needs_frames_only_in_video_mode():
    assert prepare_for_mode(Unbuilt, {}, {}) is None
    assert prepare_for_mode(Unbuilt, {}, {"video": None}) is None
    assert prepare_for_mode(Unbuilt, {}, {"video": True}) == Requirements(input_size=12)


@pytest.mark.parametrize("wrap", [dict, lambda **k: SimpleNamespace(**k)])
def test_a_chunk_is_frames_a_block_times_the_temporal_factor(wrap):
    components = wrap(num_frame_per_block=1, vae_temporal_downsample_factor=4)
    assert prepare_for_mode(Unbuilt, components, {"video": True}) == Requirements(input_size=4)
    assert prepare_for_mode(Unbuilt, components, {"video": True}, video_input_size=7) == Requirements(input_size=7)


def test_a_pipeline_may_leave_out_the_base_constructor_and_prepare():
    assert Unbuilt().prepare(video=True) is None


def test_there_is_video_mode_only_with_video():
    assert resolve_input_mode({"video": [1]}) == "video"
    assert resolve_input_mode({"video": None}) == resolve_input_mode({}) == "text"


def test_closed_sets_of_words_are_texts():
    assert Quantization.FP8_E4M3FN == "fp8_e4m3fn"
    assert VaeType("lighttae") is VaeType.LIGHTTAE


def test_keys_by_their_browser_code_become_windows_keycodes():
    pressed = CtrlInput({"KeyW", "Digit7", "ArrowUp", "ShiftRight", "F12", "Unidentified"}, (0.5, -1.0))
    assert convert_to_win_keycodes(pressed) == {0x57, 0x37, 0x26, 0x10, 0x7B}
    assert CtrlInput() == CtrlInput(set(), (0, 0))


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pth"])
def test_weights_are_read_from_both_kinds_of_file(tmp_path, name):
    weights = {"layer.weight": torch.arange(4.0)}
    save_file(weights, tmp_path / name) if name.endswith("safetensors") else torch.save(weights, tmp_path / name)
    assert torch.equal(load_state_dict(tmp_path / name)["layer.weight"], weights["layer.weight"])


def test_weights_that_are_not_there_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"expected a file with weights, found none at .*gone\.pth"):
        load_state_dict(tmp_path / "gone.pth")


def test_a_resolution_must_fit_the_model():
    validate_resolution(480, 832, 16)
    with pytest.raises(ValueError, match="multiples of 16, got 481 x 830; the nearest is 480 x 832"):
        validate_resolution(481, 830, 16)


def test_a_node_keeps_its_name_and_values_and_a_definition_its_ports():
    node = BaseNode("n1", {"gain": 2})
    assert (node.node_id, node.config) == ("n1", {"gain": 2})
    definition = NodeDefinition("mix", "Mix", inputs=[NodePort("a", "video")], params=[NodeParam("gain", "float", 1.0)])
    assert (definition.category, definition.outputs, definition.inputs[0].required) == ("general", [], True)
    assert definition.params[0].convertible_to_input is True
