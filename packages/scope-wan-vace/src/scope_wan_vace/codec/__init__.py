"""Autoencoders behind one streaming interface: Wan VAE, LightVAE, TAE and LightTAE."""

from pathlib import Path

import torch

from scope_wan_vace.catalogue import VaeType

from .stream import LATENT_CHANNELS, SPATIAL_FACTOR, TEMPORAL_FACTOR, Codec, Decoder, Encoder

__all__ = [
    "LATENT_CHANNELS",
    "SPATIAL_FACTOR",
    "TEMPORAL_FACTOR",
    "Codec",
    "Decoder",
    "Encoder",
    "load_codec",
]


def load_codec(
    kind: VaeType, path: Path | str, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
) -> Codec:
    """Load an autoencoder from its weight file.

    Raises:
        WeightsError: the file is missing, damaged or of another model.
    """
    # diffusers takes seconds to import: only the codec that is used pays.
    if kind in (VaeType.WAN, VaeType.LIGHTVAE):
        from .wan import WanCodec, load_wan_vae

        return WanCodec(load_wan_vae(Path(path), device, dtype))
    from .tae import TaeCodec, encodes_raw, load_taehv

    model, raw = load_taehv(Path(path), device, dtype), kind is VaeType.LIGHTTAE
    return TaeCodec(model, raw_encoder=raw and encodes_raw(model), raw_decoder=raw)
