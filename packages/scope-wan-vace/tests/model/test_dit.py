"""The transformer against diffusers' own, and against itself over a growing stream."""

import pytest
import torch

from scope_wan_vace.catalogue import StreamConfig
from scope_wan_vace.model.dit import fuse_projections, project_text
from scope_wan_vace.model.kv import KvRing
from scope_wan_vace.model.rope import axis_pairs, rotation

CPU = torch.device("cpu")
ROWS, COLUMNS = 4, 6  # latent cells
FRAME = (ROWS // 2) * (COLUMNS // 2)  # tokens


def rope_at(dit, start, frames):
    return rotation(start, frames, ROWS // 2, COLUMNS // 2, dit.config.head_dim, CPU)


def whole(dit, x, t, text, start=0):
    """All frames at once, attention unrestricted."""
    frames, time = x.shape[2], dit.time(t)
    hidden = dit(dit.embed(x), time[1], rope_at(dit, start, frames), text)
    return dit.velocity(hidden, time[0], (frames, ROWS, COLUMNS))


def step(dit, ring, x, t, text, index, start, segment=None):
    """One block of a stream."""
    frames, time = x.shape[2], dit.time(t)
    segment = ring.segment(index) if segment is None else segment
    hidden = dit(dit.embed(x), time[1], rope_at(dit, start, frames), text, ring.layers, segment)
    return dit.velocity(hidden, time[0], (frames, ROWS, COLUMNS))


def new_ring(dit, stream, references=0):
    return KvRing(dit.config, stream, FRAME, CPU, torch.float32, references)


def latents(frames, seed=3):
    return torch.randn(1, 4, frames, ROWS, COLUMNS, generator=torch.Generator().manual_seed(seed))


def relative(a, b):
    return ((a - b).abs().max() / b.abs().max()).item()


@pytest.mark.parametrize("t", [1000.0, 937.5, 833.3333, 0.0])
def test_equals_diffusers_for_one_time(dit, oracle, prompt, text, t):
    x = latents(5)
    ours = whole(dit, x, torch.full((1, 5), t), text)
    theirs = oracle(x, torch.tensor([t]), prompt).sample
    assert relative(ours, theirs) < 5e-6


def test_equals_diffusers_for_a_time_of_each_token(dit, oracle, prompt, text):
    x, t = latents(3), torch.tensor([[1000.0, 937.5, 0.0]])
    ours = whole(dit, x, t, text)
    theirs = oracle(x, t.repeat_interleave(FRAME, dim=1), prompt).sample
    assert relative(ours, theirs) < 5e-6


def test_a_head_of_128_is_turned_in_44_42_42_channels():
    assert axis_pairs(128) == (22, 21, 21)


def block_causal_mask(blocks, stream, block_tokens):
    """True where a block sees a block: itself, the sink, and the newest of the past that still fit the window."""
    slots, sinks = stream.window // stream.block, stream.sink // stream.block
    sees = torch.zeros(blocks, blocks, dtype=torch.bool)
    for query in range(blocks):
        first = max(sinks, query - (slots - sinks) + 1)
        for key in range(query + 1):
            sees[query, key] = key < sinks or key >= first
    return sees.repeat_interleave(block_tokens, 0).repeat_interleave(block_tokens, 1)


class MaskedAttention:
    """Stands in for the attention function, with a mask on self-attention only."""

    def __init__(self, mask):
        self.mask = mask

    def __call__(self, q, k, v):
        mask = self.mask if k.shape[1] == self.mask.shape[1] else None
        heads_first = (part.transpose(1, 2) for part in (q, k, v))
        out = torch.nn.functional.scaled_dot_product_attention(*heads_first, attn_mask=mask)
        return out.transpose(1, 2).flatten(2)


@pytest.mark.parametrize(
    "stream",
    [StreamConfig(3, 21, 0), StreamConfig(3, 9, 0), StreamConfig(3, 12, 3), StreamConfig(1, 4, 1)],
    ids=["window21", "window9", "window12-sink3", "framewise"],
)
def test_streaming_equals_a_block_causal_mask(dit, text, monkeypatch, stream):
    blocks = 9
    x = latents(blocks * stream.block)
    ring = new_ring(dit, stream)
    zeros = torch.zeros(1, stream.block)
    parts = [
        step(dit, ring, part, zeros, text, index, index * stream.block)
        for index, part in enumerate(x.split(stream.block, dim=2))
    ]
    mask = block_causal_mask(blocks, stream, stream.block * FRAME)
    monkeypatch.setattr("scope_wan_vace.model.attention.attend", MaskedAttention(mask))
    full = whole(dit, x, torch.zeros(1, x.shape[2]), text)
    assert relative(torch.cat(parts, dim=2), full) < 1e-5


@pytest.mark.parametrize("shift", [5000, 1_000_000])
def test_position_shift_changes_nothing(dit, text, shift):
    def film(start):
        ring = new_ring(dit, StreamConfig(3, 6, 0))
        times = torch.full((1, 3), 937.5)
        return [step(dit, ring, latents(3, i), times, text, i, start + 3 * i) for i in range(5)]

    for here, there in zip(film(0), film(shift), strict=True):
        assert relative(there, here) < 1e-5


def test_order_of_slots_does_not_matter(dit, text):
    stream, t = StreamConfig(3, 12, 3), torch.zeros(1, 3)
    ring = new_ring(dit, stream)
    for index in range(6):
        out = step(dit, ring, latents(3, index), t, text, index, 3 * index)
    ordered = new_ring(dit, stream)
    # The blocks that block 5 still sees, oldest first, with the caches that they had in the real stream.
    for layer, cache in enumerate(ring.layers):
        for place, index in enumerate((0, 3, 4)):
            source = slice(ring.slot(index) * 3 * FRAME, (ring.slot(index) + 1) * 3 * FRAME)
            target = slice(place * 3 * FRAME, (place + 1) * 3 * FRAME)
            ordered.layers[layer].k[:, target] = cache.k[:, source]
            ordered.layers[layer].v[:, target] = cache.v[:, source]
    assert relative(step(dit, ordered, latents(3, 5), t, text, 3, 15), out) < 1e-5


def test_reference_frames_are_seen_but_not_kept(dit, text):
    stream, t = StreamConfig(3, 6, 0), torch.zeros(1, 3)
    plain, visited = new_ring(dit, stream), new_ring(dit, stream, references=2)
    for ring in (plain, visited):
        for index in range(3):
            step(dit, ring, latents(3, index), t, text, index, 3 * index)
    with_extra = torch.cat([latents(2, 50), latents(3, 3)], dim=2)
    out = step(dit, visited, with_extra, torch.zeros(1, 5), text, 3, 7, visited.segment(3, references=2))
    assert relative(out[:, :, 2:], step(dit, plain, latents(3, 3), t, text, 3, 9)) > 1e-3
    for index in (3, 4):
        ours = step(dit, visited, latents(3, 3), t, text, index, 9)
        theirs = step(dit, plain, latents(3, 3), t, text, index, 9)
    assert relative(ours, theirs) < 1e-5


def test_one_fused_projection_equals_three_and_follows_changes_in_place(dit, text):
    x, t = latents(3), torch.zeros(1, 3)
    before = whole(dit, x, t, text)
    fuse_projections(dit.blocks)
    assert relative(whole(dit, x, t, text), before) < 1e-6
    dit.blocks[0].self_attn.k.weight.mul_(1.5)
    assert relative(whole(dit, x, t, text), before) > 1e-3


def test_patches_become_tokens_as_by_the_library_s_convolution(dit):
    x, embedding = latents(3), dit.patch_embedding
    theirs = torch.nn.functional.conv3d(x, embedding.weight, embedding.bias, stride=embedding.patch)
    tokens = dit.embed(x)
    torch.testing.assert_close(tokens, theirs.flatten(2).transpose(1, 2), atol=1e-6, rtol=0)
    assert tokens.is_contiguous()


def test_cache_memory_is_constant(dit, text):
    ring = new_ring(dit, StreamConfig(3, 12, 3))
    size, places = ring.bytes, [cache.k.data_ptr() for cache in ring.layers]
    for index in range(10):
        step(dit, ring, latents(3, index), torch.zeros(1, 3), text, index, 3 * index)
    assert ring.bytes == size
    assert [cache.k.data_ptr() for cache in ring.layers] == places


def test_text_keys_differ_between_prompts(dit, prompt, text):
    other = project_text(dit.blocks, dit.embed_text(prompt + 1.0))
    x, t = latents(3), torch.zeros(1, 3)
    assert relative(whole(dit, x, t, other), whole(dit, x, t, text)) > 1e-3
