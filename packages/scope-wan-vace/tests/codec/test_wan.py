"""The Wan VAE against diffusers' own one-request calls, and the private names that streaming relies on."""

import inspect

import pytest
import torch
from diffusers.loaders.single_file_utils import convert_wan_vae_to_diffusers
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan, WanDecoder3d, WanEncoder3d

from scope_wan_vace.codec.conv2d import stack_convolutions
from scope_wan_vace.codec.latents import MEAN, STD, latent_statistics
from scope_wan_vace.codec.wan import WanCodec
from scope_wan_vace.codec.wan_keys import to_diffusers
from scope_wan_vace.tiny import original_vae_name

FULL_SIZES = {"wan": 96, "lightvae": 24}


@pytest.fixture
def oracle(models) -> AutoencoderKLWan:
    """The library's VAE with the weights of the tiny file, renamed by the library."""
    vae = AutoencoderKLWan(base_dim=4).double().eval()
    state = torch.load(models / "Wan2.1-T2V-1.3B/Wan2.1_VAE.pth", weights_only=True)
    vae.load_state_dict(convert_wan_vae_to_diffusers(state))
    return vae


@pytest.mark.parametrize("chunk", [1, 3, 12])
@torch.inference_mode()
def test_decoder_equals_the_library(wan, oracle, latents, chunk):
    mean, std = latent_statistics("cpu", torch.float64)
    expected = oracle.decode(latents * std + mean).sample
    decoder = wan.new_decoder()
    frames = torch.cat([decoder.decode(part) for part in latents.split(chunk, dim=2)], dim=2)
    torch.testing.assert_close(frames, expected, atol=1e-9, rtol=0)


@pytest.fixture
def stacked(wan) -> WanCodec:
    """As on CUDA in half precision: no 3D convolution left."""
    stack_convolutions(wan.vae)
    assert not any(isinstance(module, torch.nn.Conv3d) for module in wan.vae.modules())
    return wan


@torch.inference_mode()
def test_stacked_convolutions_equal_the_library(stacked, oracle, video, latents):
    mean, std = latent_statistics("cpu", torch.float64)
    decoder, encoder = stacked.new_decoder(), stacked.new_encoder()
    frames = torch.cat([decoder.decode(part) for part in latents.split(3, dim=2)], dim=2)
    torch.testing.assert_close(frames, oracle.decode(latents * std + mean).sample, atol=1e-9, rtol=0)
    encoded = torch.cat([encoder.encode(part) for part in video.split([9, 12, 12, 12], dim=2)], dim=2)
    expected = (oracle.encode(video).latent_dist.mode() - mean) / std
    torch.testing.assert_close(encoded, expected, atol=1e-9, rtol=0)


@pytest.mark.parametrize("chunk", [4, 12, 44])
@torch.inference_mode()
def test_encoder_equals_the_library(wan, oracle, video, chunk):
    mean, std = latent_statistics("cpu", torch.float64)
    expected = (oracle.encode(video).latent_dist.mode() - mean) / std
    encoder = wan.new_encoder()
    parts = [video[:, :, :1], *video[:, :, 1:].split(chunk, dim=2)]
    torch.testing.assert_close(torch.cat([encoder.encode(part) for part in parts], dim=2), expected, atol=1e-9, rtol=0)


def test_statistics_are_the_library_s():
    parameters = inspect.signature(AutoencoderKLWan).parameters
    assert list(MEAN) == parameters["latents_mean"].default
    assert list(STD) == parameters["latents_std"].default


@pytest.mark.parametrize("base_dim", FULL_SIZES.values(), ids=FULL_SIZES)
def test_full_size_names_and_shapes_agree_with_the_library(base_dim):
    with torch.device("meta"):
        vae = AutoencoderKLWan(base_dim=base_dim)
    wanted = {name: tensor.shape for name, tensor in vae.state_dict().items()}
    original = {original_vae_name(name): tensor for name, tensor in vae.state_dict().items()}
    assert {name: tensor.shape for name, tensor in to_diffusers(original).items()} == wanted
    assert convert_wan_vae_to_diffusers(original).keys() == wanted.keys()


def test_the_private_names_that_streaming_relies_on():
    vae = AutoencoderKLWan(base_dim=2)
    assert {"encoder", "decoder"} <= vae._cached_conv_counts.keys()
    for module in (WanEncoder3d, WanDecoder3d):
        assert {"x", "feat_cache", "feat_idx"} <= inspect.signature(module.forward).parameters.keys()
    assert vae.quant_conv.out_channels == 2 * vae.post_quant_conv.in_channels == 32
