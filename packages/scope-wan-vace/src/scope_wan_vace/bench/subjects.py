"""The models that are measured: installed ones, or random ones of the same shapes."""

from dataclasses import replace

import torch
from torch import nn

from scope_wan_vace.bench.options import Options
from scope_wan_vace.catalogue import GENERATORS, StreamConfig, VaeType
from scope_wan_vace.codec import Codec
from scope_wan_vace.codec.taehv import Taehv, TaehvSizes
from scope_wan_vace.loading.hollow import hollow
from scope_wan_vace.loading.models import FLOAT32_PARTS, Models, load_models
from scope_wan_vace.model.config import WAN_1_3B, DitConfig
from scope_wan_vace.model.dit import Dit, fuse_projections
from scope_wan_vace.model.fp8 import quantise_fp8
from scope_wan_vace.model.vace import VaceBranch
from scope_wan_vace.tiny import TINY_DIT, TINY_TAEHV


def models_of(options: Options, device: torch.device, dtype: torch.dtype) -> Models:
    """What the options ask for.

    Raises:
        WeightsError: installed weights were asked for and are missing or damaged.
    """
    if options.random_weights or options.tiny:
        models = random_models(options, device, dtype)
    else:
        loaded = load_models(GENERATORS[options.generator], options.vae, options.vace, device, dtype)
        models = replace(loaded, stream=stream_of(options) if options.window else loaded.stream)
    if options.fp8:
        quantise_fp8(models.dit.blocks)
    return models


def random_models(options: Options, device: torch.device, dtype: torch.dtype) -> Models:
    """Models of the right shapes; on the meta device they hold nothing."""
    config = config_of(options)
    dit = _filled(Dit, config, device, dtype)
    fuse_projections(dit.blocks)
    vace = _filled(VaceBranch, config, device, dtype) if options.vace else None
    if vace is not None:
        fuse_projections(vace.vace_blocks)
    return Models(dit, vace, random_codec(options, device, dtype), stream_of(options), device)


def config_of(options: Options) -> DitConfig:
    """The transformer's sizes; every installed checkpoint has those of Wan2.1 1.3B."""
    return TINY_DIT if options.tiny else WAN_1_3B


def stream_of(options: Options) -> StreamConfig:
    """The generator's window, or the one asked for."""
    stream = GENERATORS[options.generator].stream
    return stream if options.window is None else replace(stream, window=options.window)


def _filled[ModuleT: nn.Module](
    kind: type[ModuleT], config: DitConfig | TaehvSizes, device: torch.device, dtype: torch.dtype
) -> ModuleT:
    with hollow():
        module = kind(config)
    return _randomised(module, device, dtype)


def _randomised[ModuleT: nn.Module](module: ModuleT, device: torch.device, dtype: torch.dtype) -> ModuleT:
    module = module.to(dtype).to_empty(device=device).eval().requires_grad_(False)
    for name, weight in module.named_parameters():
        if any(part in name for part in FLOAT32_PARTS):
            weight.data = weight.data.float()
        nn.init.ones_(weight) if "norm" in name and name.endswith("weight") else nn.init.normal_(weight, std=0.02)
    return module


def random_codec(options: Options, device: torch.device, dtype: torch.dtype) -> Codec:
    """An autoencoder of the kind asked for."""
    if options.vae in (VaeType.TAE, VaeType.LIGHTTAE):
        from scope_wan_vace.codec.tae import TaeCodec

        raw, sizes = options.vae is VaeType.LIGHTTAE, TINY_TAEHV if options.tiny else TaehvSizes()
        model = _filled(Taehv, sizes, device, dtype).to(memory_format=torch.channels_last)  # ty: ignore[no-matching-overload]
        return TaeCodec(model, raw_encoder=raw, raw_decoder=raw)
    from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan

    from scope_wan_vace.codec.conv2d import stack_convolutions
    from scope_wan_vace.codec.wan import WanCodec

    base = 4 if options.tiny else 96 if options.vae is VaeType.WAN else 24
    with hollow():
        vae = AutoencoderKLWan(base_dim=base)
    vae = _randomised(vae, device, dtype)
    if device.type == "cuda":
        stack_convolutions(vae)
    return WanCodec(vae)
