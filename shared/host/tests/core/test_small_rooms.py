"""Directories, artifacts and the multi-mode helper."""

from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from scope.core import config
from scope.core.pipelines import common_artifacts
from scope.core.pipelines.artifacts import GoogleDriveArtifact, HuggingfaceRepoArtifact
from scope.core.pipelines.defaults import prepare_for_mode
from scope.core.pipelines.interface import Pipeline, Requirements


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


def test_each_directory_can_be_moved_by_the_environment(monkeypatch, tmp_path):
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
