"""TAEHV against a frame-by-frame reading of its published layout."""

import pytest
import torch
import torch.nn.functional as F

from scope_wan_vace.catalogue import VaeType
from scope_wan_vace.codec import load_codec
from scope_wan_vace.codec.latents import latent_statistics
from scope_wan_vace.codec.tae import TaeCodec, TaeEncoder, encodes_raw, load_taehv
from scope_wan_vace.codec.taehv import Taehv, TaehvSizes


def reference(state: dict, side: str, frames: list) -> list:
    """Run `encoder` or `decoder` over single NCHW frames, layer by layer; layers are told by their parameters."""
    count = 1 + max(int(name.split(".")[1]) for name in state if name.startswith(side))
    if side == "decoder":
        frames = [torch.tanh(frame / 3) * 3 for frame in frames]
    for index in range(count):
        weights = {n.removeprefix(f"{side}.{index}."): w for n, w in state.items() if n.startswith(f"{side}.{index}.")}
        frames = layer(side, index, weights, frames)
    return frames


def layer(side, index, weights, frames):
    if "conv.0.weight" in weights:
        before = [torch.zeros_like(frames[0]), *frames[:-1]]
        return [memory_block(weights, now, past) for now, past in zip(frames, before, strict=True)]
    if "conv.weight" in weights and side == "encoder":
        stride = weights["conv.weight"].shape[1] // frames[0].shape[1]
        groups = [frames[start : start + stride] for start in range(0, len(frames), stride)]
        return [F.conv2d(torch.cat(group, dim=1), weights["conv.weight"]) for group in groups]
    if "conv.weight" in weights:
        doubled = [F.interpolate(frame, scale_factor=2, mode="nearest") for frame in frames]
        grown = [F.conv2d(frame, weights["conv.weight"]) for frame in doubled]
        return [part for frame in grown for part in frame.split(frames[0].shape[1], dim=1)]
    if "weight" in weights:
        downsamples = side == "encoder" and "bias" not in weights
        return [F.conv2d(f, weights["weight"], weights.get("bias"), 2 if downsamples else 1, 1) for f in frames]
    # Without parameters: ReLUs here; the upsampling is done where time grows, the soft clamp before the first.
    is_relu = index == 1 if side == "encoder" else index in (2, 21)
    return [frame.relu() for frame in frames] if is_relu else frames


def doubles(path) -> dict:
    return {name: weight.double() for name, weight in torch.load(path, weights_only=True).items()}


def memory_block(weights, now, past):
    hidden = torch.cat([now, past], dim=1)
    for position in (0, 2, 4):
        hidden = F.conv2d(hidden.relu() if position else hidden, weights[f"conv.{position}.weight"],
                          weights[f"conv.{position}.bias"], padding=1)  # fmt: skip
    return (hidden + now).relu()


@pytest.fixture(params=[VaeType.TAE, VaeType.LIGHTTAE])
def kind(request):
    return request.param


@pytest.fixture
def path(models, kind):
    return models / f"Autoencoders/{'taew2_1' if kind == 'tae' else 'lighttaew2_1'}.pth"


@torch.inference_mode()
def test_decoder_equals_the_published_layout(kind, path, latents):
    raw = latents
    if kind is VaeType.LIGHTTAE:
        mean, std = latent_statistics("cpu", torch.float64)
        raw = latents * std + mean
    frames = reference(doubles(path), "decoder", list(raw.unbind(2)))
    expected = torch.stack(frames[3:], dim=2).clamp(0, 1) * 2 - 1
    torch.testing.assert_close(
        load_codec(kind, path, dtype=torch.float64).new_decoder().decode(latents), expected, atol=1e-9, rtol=0
    )


@torch.inference_mode()
@pytest.mark.parametrize("raw", [False, True])
def test_encoder_equals_the_published_layout(kind, path, video, raw):
    frames = list((video / 2 + 0.5).unbind(2))
    expected = torch.stack(reference(doubles(path), "encoder", [frames[0]] * 3 + frames), dim=2)
    if raw:
        mean, std = latent_statistics("cpu", torch.float64)
        expected = (expected - mean) / std
    encoder = TaeEncoder(load_taehv(path, "cpu", torch.float64), raw)
    torch.testing.assert_close(encoder.encode(video), expected, atol=1e-9, rtol=0)


@torch.inference_mode()
def test_a_clip_known_in_advance_is_encoded_in_the_groups_of_the_published_layout(kind, path, video):
    frames = list((video / 2 + 0.5).unbind(2))
    expected = torch.stack(reference(doubles(path), "encoder", frames + [frames[-1]] * 3), dim=2)
    codec = TaeCodec(load_taehv(path, "cpu", torch.float64), raw_encoder=False, raw_decoder=False)
    torch.testing.assert_close(codec.encode_clip(video), expected, atol=1e-9, rtol=0)


class Mosaic(Taehv):
    """An autoencoder that averages 8 x 8 pixels and decodes raw latents; its encoder gives either kind."""

    def __init__(self, raw: bool):
        torch.nn.Module.__init__(self)
        self.encoder = torch.nn.ModuleList([_Average(raw)])
        self.decoder = torch.nn.ModuleList([_Blocks()])


class _Average(torch.nn.Module):
    def __init__(self, raw):
        super().__init__()
        self.raw, self.unused = raw, torch.nn.Parameter(torch.zeros(1))

    def forward(self, frames):
        colours = F.pad(F.avg_pool2d(frames[3::4], 8), (0, 0, 0, 0, 0, 13))
        mean, std = (value[:, :, 0] for value in latent_statistics("cpu", torch.float32))
        return colours if self.raw else (colours - mean) / std


class _Blocks(torch.nn.Module):
    def forward(self, latents):
        return F.interpolate(latents[:, :3], scale_factor=8).repeat_interleave(4, dim=0)


@pytest.mark.parametrize("raw", [False, True])
def test_the_round_trip_tells_which_latents_an_encoder_gives(raw):
    assert encodes_raw(Mosaic(raw)) is raw


def test_only_lighttae_can_work_on_raw_latents(kind, path):
    codec = load_codec(kind, path)
    assert isinstance(codec, TaeCodec)
    assert codec.raw_decoder is (kind is VaeType.LIGHTTAE)
    assert not (kind is VaeType.TAE and codec.raw_encoder)


def test_full_size_has_the_published_positions():
    with torch.device("meta"):
        state = Taehv(TaehvSizes()).state_dict()
    assert TaehvSizes.of(state) == TaehvSizes()
    shapes = {name: list(state[name].shape) for name in ("encoder.2.conv.weight", "encoder.12.conv.weight")}
    assert shapes == {"encoder.2.conv.weight": [64, 128, 1, 1], "encoder.12.conv.weight": [64, 64, 1, 1]}
    assert list(state["encoder.17.weight"].shape) == [16, 64, 3, 3]
    grows = [list(state[f"decoder.{position}.conv.weight"].shape[:2]) for position in (7, 13, 19)]
    assert grows == [[256, 256], [256, 128], [128, 64]]
    assert list(state["decoder.22.weight"].shape) == [3, 64, 3, 3]
