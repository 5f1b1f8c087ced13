"""Autoencoders behind one streaming interface: Wan VAE, LightVAE, TAE and LightTAE."""

from pathlib import Path
from typing import Literal, get_args

import torch

from .stream import LATENT_CHANNELS, SPATIAL_FACTOR, TEMPORAL_FACTOR, Codec, Decoder, Encoder

__all__ = [
    "LATENT_CHANNELS",
    "SPATIAL_FACTOR",
    "TEMPORAL_FACTOR",
    "Codec",
    "CodecKind",
    "Decoder",
    "Encoder",
    "load_codec",
]

CodecKind = Literal["wan", "lightvae", "tae", "lighttae"]


def load_codec(
    kind: CodecKind, path: Path | str, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
) -> Codec:
    """Load an autoencoder from its weight file.

    Args:
        kind: "wan" (`Wan2.1_VAE.pth`), "lightvae" (`lightvaew2_1.pth`), "tae" (`taew2_1.pth`) or
            "lighttae" (`lighttaew2_1.pth`).

    Raises:
        ValueError: an unknown kind.
        WeightsError: the file is missing, damaged or of another model.
    """
    if kind not in get_args(CodecKind):
        raise ValueError(f"scope-wan-vace: vae_type must be one of {', '.join(get_args(CodecKind))}, got {kind!r}")
    # diffusers takes seconds to import: only the codec that is used pays.
    if kind in ("wan", "lightvae"):
        from .wan import WanCodec, load_wan_vae

        return WanCodec(load_wan_vae(Path(path), device, dtype))
    from .tae import TaeCodec, encodes_raw, load_taehv

    model, raw = load_taehv(Path(path), device, dtype), kind == "lighttae"
    return TaeCodec(model, raw_encoder=raw and encodes_raw(model), raw_decoder=raw)
