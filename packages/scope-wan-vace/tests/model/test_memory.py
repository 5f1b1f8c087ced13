"""The README's table of memory is what full-size models take; on the meta device they take nothing here."""

from pathlib import Path

import pytest
import torch
from torch import nn

from scope_wan_vace.bench.flops import frame_tokens
from scope_wan_vace.bench.options import Options
from scope_wan_vace.bench.subjects import random_models
from scope_wan_vace.catalogue import GENERATORS, GeneratorName, VaeType
from scope_wan_vace.model.config import WAN_1_3B
from scope_wan_vace.model.fp8 import quantise_fp8
from scope_wan_vace.model.kv import KvRing
from scope_wan_vace.stream.request import MAX_REFERENCES

META, README = torch.device("meta"), Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def table() -> str:
    return README.read_text(encoding="utf-8").partition("## Memory")[2].partition("##")[0]


def gigabytes(module: nn.Module) -> float:
    tensors = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}
    return sum({t.untyped_storage()._cdata: t.untyped_storage().nbytes() for t in tensors.values()}.values()) / 1e9


def test_weights(table):
    models = random_models(Options(vace=True, vae=VaeType.WAN), META, torch.bfloat16)
    assert models.vace is not None
    transformer, vace = gigabytes(models.dit), gigabytes(models.vace)
    quantise_fp8(models.dit.blocks)
    assert f"| transformer | {transformer:.2f} | {transformer:.2f} |" in table
    assert f"`fp8_e4m3fn`: {gigabytes(models.dit):.2f} |" in table
    assert f"| VACE | {vace:.2f} | {vace:.2f} |" in table


def ring(name: GeneratorName, size: tuple[int, int], references: int = 0) -> KvRing:
    frame = frame_tokens(WAN_1_3B, *size)
    return KvRing(WAN_1_3B, GENERATORS[name].stream, frame, META, torch.bfloat16, references)


def test_caches(table):
    sizes = ((480, 832), (320, 576))
    long, short = (
        [ring(name, size) for size in sizes] for name in (GeneratorName.LONGLIVE, GeneratorName.SELF_FORCING)
    )
    kept = [sum(cache.k.nbytes + cache.v.nbytes for cache in one.layers) / 1e9 for one in (*long, *short)]
    assert "(21 frames, no sink: {2:.2f}, {3:.2f}) | {0:.2f} | {1:.2f} |".format(*kept) in table
    sinks = [one.bytes / 1e9 - cache for one, cache in zip(long, kept, strict=False)]
    assert "| the sink's keys as first written | {:.2f} | {:.2f} |".format(*sinks) in table
    more = [
        (ring(GeneratorName.LONGLIVE, size, MAX_REFERENCES).bytes - one.bytes) / 1e9
        for size, one in zip(sizes, long, strict=True)
    ]
    assert "| room for four reference images in the cache | {:.2f} | {:.2f} |".format(*more) in table
