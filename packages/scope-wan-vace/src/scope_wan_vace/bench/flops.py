"""Arithmetic of a chunk: how many floating-point operations it takes, whatever runs it.

Closed formulas for the transformer, which a test holds against a count of its operations; for the autoencoder the
count itself, on the meta device, which computes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

from scope_wan_vace.catalogue import StreamConfig
from scope_wan_vace.codec import Codec
from scope_wan_vace.codec.chunks import pixel_frames
from scope_wan_vace.model.config import DitConfig

TERA = 1e12
# Taken as what one H100 SXM reaches in large bfloat16 products; an assumption, not a measurement (data sheet: 989).
H100_TFLOPS = 790.0


@dataclass(frozen=True)
class ForwardCost:
    """TFLOP of one forward pass, by kind."""

    linear: float
    cross_attention: float
    self_attention: float

    @property
    def total(self) -> float:
        """Everything."""
        return self.linear + self.cross_attention + self.self_attention


def frame_tokens(config: DitConfig, height: int, width: int) -> int:
    """Tokens of one latent frame: 1560 at 832x480."""
    return (height // 8 // config.patch[1]) * (width // 8 // config.patch[2])


def forward_cost(config: DitConfig, tokens: int, visible: int) -> ForwardCost:
    """Cost of the main blocks for `tokens` queries on `visible` keys; a multiply-add counts as two.

    Embeddings, norms, modulation and the head are left out: they are below one percent.
    """
    return _cost(config, config.layers, tokens, visible, extra=0)


def vace_cost(config: DitConfig, tokens: int) -> ForwardCost:
    """Cost of the VACE branch, whose attention stays inside the chunk."""
    layers = len(config.vace_layers)
    return _cost(config, layers, tokens, tokens, extra=(layers + 1) * config.dim**2)


def _cost(config: DitConfig, layers: int, tokens: int, visible: int, extra: int) -> ForwardCost:
    # Self-attention has four square matrices, cross-attention two: its keys and values are kept per prompt.
    weights = layers * (6 * config.dim**2 + 2 * config.dim * config.ffn_dim) + extra
    return ForwardCost(
        linear=2 * tokens * weights / TERA,
        cross_attention=4 * tokens * config.text_length * config.dim * layers / TERA,
        self_attention=4 * tokens * visible * config.dim * layers / TERA,
    )


@dataclass(frozen=True)
class CodecCost:
    """TFLOP of encoding and of decoding one chunk."""

    encode: float
    decode: float


@torch.inference_mode()
def codec_cost(codec: Codec, block: int, height: int, width: int) -> CodecCost:
    """Count a chunk in mid-stream; with weights on the meta device nothing is computed."""
    frames = torch.empty(1, 3, pixel_frames(block, first=True), height, width, device="meta")
    latents = torch.empty(1, 16, block, height // 8, width // 8, device="meta")
    encoder, decoder = codec.new_encoder(), codec.new_decoder()
    encoder.encode(frames)
    decoder.decode(latents)
    later = torch.empty(1, 3, pixel_frames(block, first=False), height, width, device="meta")
    return CodecCost(_count(lambda: encoder.encode(later)), _count(lambda: decoder.decode(latents)))


def _count(work: Callable[[], object]) -> float:
    with FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops() / TERA


def chunk_cost(
    config: DitConfig,
    stream: StreamConfig,
    codec: CodecCost,
    height: int,
    width: int,
    steps: int,
    vace: bool = False,
    video: bool = False,
) -> float:
    """TFLOP of a chunk once the window is full: the steps, the clean pass, and the pictures in and out.

    With VACE one stream of control is encoded: that of nothing kept is constant and remembered.
    """
    frame = frame_tokens(config, height, width)
    tokens = stream.block * frame
    forward = forward_cost(config, tokens, stream.window * frame).total + vace * vace_cost(config, tokens).total
    return (steps + 1) * forward + codec.decode + (vace + video) * codec.encode
