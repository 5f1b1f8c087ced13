"""Micro-benchmarks of what a chunk's time is made of: attention, matrix products, the rest of a block, decoding."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import sdpa_kernel

from scope_wan_vace.bench.clock import milliseconds
from scope_wan_vace.bench.flops import codec_cost, forward_cost, frame_tokens
from scope_wan_vace.bench.options import Options
from scope_wan_vace.bench.subjects import random_codec
from scope_wan_vace.loading.models import Models
from scope_wan_vace.model.attention import BACKENDS, attend
from scope_wan_vace.model.kv import LayerCache, Segment
from scope_wan_vace.stream.compiled import Runners


class Part(NamedTuple):
    """One figure.

    Attributes:
        milliseconds: of one call.
        tflop: its arithmetic, 0 where that is not the point.
        target: milliseconds on an H100 at 832x480, LongLive's window.
    """

    name: str
    milliseconds: float
    tflop: float
    target: float


def measure_parts(options: Options, models: Models, runners: Runners, device: torch.device) -> list[Part]:
    """Attention, the products of a block, a block without both, and decoding a chunk."""
    config, stream = models.dit.config, models.stream
    frame = frame_tokens(config, options.height, options.width)
    tokens, visible = stream.block * frame, stream.window * frame
    cost = forward_cost(config, tokens, visible)
    attention = milliseconds(_attention(models, tokens, visible), device)
    products = milliseconds(_products(models, tokens), device)
    block = milliseconds(_block(models, runners, tokens, visible, frame), device)
    layers = config.layers
    decoding = codec_cost(random_codec(options, torch.device("meta"), torch.bfloat16), stream.block, *_size(options))
    return [
        Part("attention", attention, cost.self_attention / layers, 0.95),
        Part("products of a block", products, cost.linear / layers, 0.60),
        Part("block", block, cost.total / layers, 1.77),
        Part("block without both", block - attention - products, 0.0, 0.22),
        Part("decode", milliseconds(_decoding(options, models), device), decoding.decode, 12.0),
    ]


def _size(options: Options) -> tuple[int, int]:
    return options.height, options.width


def _random(models: Models, *shape: int) -> Tensor:
    return torch.randn(shape, device=models.device, dtype=models.dit.dtype)


def _attention(models: Models, tokens: int, visible: int) -> Callable[[], object]:
    heads = (models.dit.config.heads, models.dit.config.head_dim)
    q, k, v = (_random(models, 1, count, *heads) for count in (tokens, visible, visible))

    def run() -> Tensor:
        with sdpa_kernel(BACKENDS, set_priority=True):
            return attend(q, k, v)

    return run


def _products(models: Models, tokens: int) -> Callable[[], object]:
    """The products of a block alone: fused projection, three outputs and queries, both of the feed-forward."""
    config = models.dit.config
    sizes = [(config.dim, 3 * config.dim), *[(config.dim, config.dim)] * 3]
    sizes += [(config.dim, config.ffn_dim), (config.ffn_dim, config.dim)]
    pairs = [(_random(models, tokens, rows), _random(models, columns, rows)) for rows, columns in sizes]
    return lambda: [F.linear(x, weight) for x, weight in pairs]


def _block(models: Models, runners: Runners, tokens: int, visible: int, frame: int) -> Callable[[], object]:
    config, device = models.dit.config, models.device
    cache = LayerCache(*(_random(models, 1, visible, config.heads, config.head_dim) for _ in range(2)))
    text = tuple(_random(models, 1, config.text_length, config.heads, config.head_dim) for _ in range(2))
    rope = tuple(torch.ones(tokens, 1, config.head_dim // 2, device=device) for _ in range(2))
    time = torch.zeros(1, tokens // frame, 6, config.dim, device=device)
    x, segment = _random(models, 1, tokens, config.dim), Segment(torch.arange(tokens, device=device), visible)
    block: nn.Module = models.dit.blocks[0]

    def run() -> Tensor:
        with sdpa_kernel(BACKENDS, set_priority=True):
            return runners.steady(block, x, time, rope, text, cache, segment, None)

    return run


def _decoding(options: Options, models: Models) -> Callable[[], object]:
    decoder = models.codec.new_decoder(graphs=not options.eager)
    latents = _random(models, 1, 16, models.stream.block, options.height // 8, options.width // 8)
    return lambda: decoder.decode(latents)
