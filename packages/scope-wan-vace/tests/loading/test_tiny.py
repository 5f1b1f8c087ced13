"""The tiny models stand for the real ones: same files, same layouts, same seed same bytes."""

import json

import torch
from safetensors.torch import load_file

from scope_wan_vace.catalogue import ARTIFACTS
from scope_wan_vace.loading.configs import read_dit_config
from scope_wan_vace.tiny import TINY_DIT, write_models


def test_every_file_of_every_artifact_is_there(models):
    wanted = [models / path for artifact in ARTIFACTS for path in artifact.local_paths()]
    assert [path for path in wanted if not path.exists()] == []


def test_the_configuration_reads_back(models):
    assert read_dit_config(models / "LongLive-1.3B/config.json") == TINY_DIT
    assert json.loads((models / "Wan2.1-T2V-1.3B/config.json").read_text())["dim"] == TINY_DIT.dim


def test_the_formats_are_the_released_ones(models):
    longlive = torch.load(models / "LongLive-1.3B/models/longlive_base.pt", weights_only=True)
    assert list(longlive) == ["generator"]
    assert all(name.startswith("model.") for name in longlive["generator"])
    lora = torch.load(models / "LongLive-1.3B/models/lora.pt", weights_only=True)["generator_lora"]
    assert "base_model.model.blocks.3.cross_attn.o.lora_B.weight" in lora
    umt5 = load_file(models / "WanVideo_comfy/umt5-xxl-enc-fp8_e4m3fn.safetensors")
    assert umt5["blocks.1.ffn.gate.0.weight"].dtype == torch.float8_e4m3fn
    assert umt5["token_embedding.weight"].dtype == umt5["blocks.1.norm1.weight"].dtype == torch.bfloat16
    vace = load_file(models / "WanVideo_comfy/Wan2_1-VACE_module_1_3B_bf16.safetensors")
    assert {tensor.dtype for tensor in vace.values()} == {torch.bfloat16}
    assert "vace_blocks.0.before_proj.weight" in vace
    vae = torch.load(models / "Wan2.1-T2V-1.3B/Wan2.1_VAE.pth", weights_only=True)
    assert vae["decoder.upsamples.4.shortcut.weight"].shape == (16, 8, 1, 1, 1)


def test_the_same_seed_writes_the_same_weights(models, tmp_path):
    again, other = write_models(tmp_path / "again"), write_models(tmp_path / "other", seed=1)
    name = "Autoencoders/taew2_1.pth"
    weights = [torch.load(folder / name, weights_only=True)["decoder.1.weight"] for folder in (models, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_all_files_together_are_small(models):
    assert sum(path.stat().st_size for path in models.rglob("*") if path.is_file()) < 4_000_000
