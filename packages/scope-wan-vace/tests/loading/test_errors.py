"""A weight file that cannot be used is named, with the model it belongs to and the repair."""

import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from scope_wan_vace.catalogue import VaeType
from scope_wan_vace.codec import load_codec
from scope_wan_vace.loading.checkpoint import WeightsError, repository_of
from scope_wan_vace.loading.text import TextEncoder
from scope_wan_vace.loading.weights import load_generator, load_vace
from scope_wan_vace.tiny import TINY_DIT

GENERATOR = "LongLive-1.3B/models/longlive_base.pt"
VACE = "WanVideo_comfy/Wan2_1-VACE_module_1_3B_bf16.safetensors"
UMT5 = "WanVideo_comfy/umt5-xxl-enc-fp8_e4m3fn.safetensors"
TOKENIZER = "Wan2.1-T2V-1.3B/google/umt5-xxl"
REPAIR = r"Delete the file if it is there and download the model {} again\.$"
LOADERS = {
    GENERATOR: lambda path: load_generator(path, TINY_DIT),
    VACE: lambda path: load_vace(path, TINY_DIT),
    UMT5: lambda path: TextEncoder.from_files(path, path.parents[1] / TOKENIZER),
    "Wan2.1-T2V-1.3B/Wan2.1_VAE.pth": lambda path: load_codec(VaeType.WAN, path),
    "Autoencoders/lightvaew2_1.pth": lambda path: load_codec(VaeType.LIGHTVAE, path),
    "Autoencoders/taew2_1.pth": lambda path: load_codec(VaeType.TAE, path),
    "Autoencoders/lighttaew2_1.pth": lambda path: load_codec(VaeType.LIGHTTAE, path),
}


@pytest.fixture
def copy(models, tmp_path):
    """The models directory, to be damaged."""
    return shutil.copytree(models, tmp_path / "models")


@pytest.mark.parametrize("name", LOADERS)
def test_a_missing_file_is_named_with_its_model(copy, name):
    (copy / name).unlink()
    with pytest.raises(
        WeightsError, match=rf"scope-wan-vace: .*{name} is missing\. " + REPAIR.format("daydreamlive/.+")
    ):
        LOADERS[name](copy / name)


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("keep", [0, 200, 0.5, 0.99])
def test_a_truncated_file_is_named_with_its_size(copy, name, keep):
    content = (copy / name).read_bytes()
    size = keep if isinstance(keep, int) else int(len(content) * keep)
    (copy / name).write_bytes(content[:size])
    with pytest.raises(WeightsError, match=rf"{name} is damaged \({size} bytes, .+\)\. " + REPAIR.format(".+")):
        LOADERS[name](copy / name)


@pytest.mark.parametrize("name", LOADERS)
def test_a_web_page_in_place_of_the_file_is_damage(copy, name):
    (copy / name).write_text("<!DOCTYPE html><title>404</title>")
    with pytest.raises(WeightsError, match=rf"{name} is damaged"):
        LOADERS[name](copy / name)


def edited(path, change):
    """Rewrite a weight file after `change` to its dictionary."""
    if path.suffix == ".safetensors":
        state = load_file(path)
        change(state)
        save_file(state, path)
        return
    content = torch.load(path, weights_only=True)
    change(next((value for value in content.values() if isinstance(value, dict)), content))
    torch.save(content, path)


@pytest.mark.parametrize("name", LOADERS)
def test_a_missing_weight_is_named(copy, name):
    edited(copy / name, lambda state: state.pop(sorted(state)[-1]))
    with pytest.raises(WeightsError, match=rf"{name} (lacks|is not a .+ lacks) [\w.]+\. " + REPAIR.format(".+")):
        LOADERS[name](copy / name)


@pytest.mark.parametrize("name", LOADERS)
def test_an_unexpected_weight_is_named(copy, name):
    edited(copy / name, lambda state: state.update({"vace_extra.weight": torch.zeros(2)}))
    with pytest.raises(WeightsError, match=rf"{name} holds vace_extra\.weight, which the model does not have\."):
        LOADERS[name](copy / name)


def test_many_missing_weights_are_counted(copy):
    edited(copy / GENERATOR, lambda state: [state.pop(name) for name in list(state) if ".ffn." in name])
    message = r"lacks blocks\.0\.ffn\.0\.bias, blocks\.0\.ffn\.0\.weight, blocks\.0\.ffn\.2\.bias and 13 more\."
    with pytest.raises(WeightsError, match=message):
        load_generator(copy / GENERATOR, TINY_DIT)


def test_a_wrong_shape_is_named_with_both_shapes(copy):
    edited(copy / GENERATOR, lambda state: state.update({"model.head.head.weight": torch.zeros(64, 25)}))
    with pytest.raises(WeightsError, match=r"holds head\.head\.weight of shape \[64, 25\], expected \[64, 24\]\."):
        load_generator(copy / GENERATOR, TINY_DIT)


def test_another_codec_s_file_is_told_apart(models):
    with pytest.raises(WeightsError, match=r"taew2_1\.pth is not a Wan2\.1 VAE: it lacks encoder\.conv_in\.weight"):
        load_codec(VaeType.WAN, models / "Autoencoders/taew2_1.pth")
    with pytest.raises(WeightsError, match=r"VAE\.pth is not a TAEHV autoencoder: it lacks encoder\.0\.weight\."):
        load_codec(VaeType.TAE, models / "Wan2.1-T2V-1.3B/Wan2.1_VAE.pth")


def test_a_file_that_runs_code_is_refused(tmp_path):
    path = tmp_path / "model.pt"
    torch.save({"generator": {"x": print}}, path)
    with pytest.raises(WeightsError, match=r"model\.pt is damaged .*Choose another file\.$"):
        load_generator(path, TINY_DIT)


def test_a_file_without_a_dictionary_is_refused(tmp_path):
    torch.save([1, 2], tmp_path / "model.pt")
    with pytest.raises(WeightsError, match="holds a list, expected a dictionary of tensors"):
        load_generator(tmp_path / "model.pt", TINY_DIT)


def test_a_file_without_vace_weights_is_refused(models):
    with pytest.raises(WeightsError, match="holds no VACE weights"):
        load_vace(models / UMT5, TINY_DIT)


def test_a_missing_or_damaged_tokenizer_is_named(copy):
    path = copy / TOKENIZER / "tokenizer.json"
    path.write_text("{")
    with pytest.raises(WeightsError, match=r"tokenizer\.json is no usable tokenizer \(.+\)\. " + REPAIR.format(".+")):
        LOADERS[UMT5](copy / UMT5)
    path.unlink()
    with pytest.raises(WeightsError, match=r"tokenizer\.json is missing\. .*daydreamlive/Wan2\.1-T2V-1\.3B again"):
        LOADERS[UMT5](copy / UMT5)


def test_a_file_of_the_user_s_own_has_no_repository(tmp_path):
    assert repository_of(tmp_path / "my_lora.safetensors") is None
