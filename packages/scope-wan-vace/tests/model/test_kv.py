"""The ring's arithmetic over long films."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scope_wan_vace.catalogue import StreamConfig
from scope_wan_vace.model.config import DitConfig
from scope_wan_vace.model.kv import KvRing
from scope_wan_vace.model.rope import rotate, rotation

CPU, HEAD = torch.device("cpu"), 12
CONFIG = DitConfig(dim=24, heads=2, layers=2)
ROWS, COLUMNS = 2, 3


def new_ring(stream: StreamConfig, references: int = 0) -> KvRing:
    return KvRing(CONFIG, stream, ROWS * COLUMNS, CPU, torch.float32, references)


def keys_at(unturned: torch.Tensor, frame: int) -> torch.Tensor:
    return rotate(unturned, rotation(frame, 3, ROWS, COLUMNS, HEAD, CPU))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_over_thousands_of_frames_the_sink_stays_one_window_behind_and_does_not_drift(dtype):
    ring = KvRing(CONFIG, StreamConfig(3, 12, 3), ROWS * COLUMNS, CPU, dtype)
    unturned = torch.randn(1, 3 * ROWS * COLUMNS, 2, HEAD, generator=torch.Generator().manual_seed(1)).to(dtype)
    for cache in ring.layers:
        cache.k[:, : unturned.shape[1]] = keys_at(unturned, 0)
    ring.keep_sink(start=0)
    for chunk in range(5000):
        ring.turn_sink(3 * chunk)
        if chunk in (1, 3, 4, 50, 999, 4999):
            expected = keys_at(unturned, max(0, 3 * chunk - 9))
            tolerance = 1e-5 if dtype is torch.float32 else 0.05
            for cache in ring.layers:
                torch.testing.assert_close(cache.k[:, : unturned.shape[1]], expected, atol=tolerance, rtol=0)


streams = st.builds(
    lambda block, sinks, ring: StreamConfig(block, block * (sinks + ring), block * sinks),
    st.sampled_from([1, 3]),
    st.integers(0, 2),
    st.integers(1, 6),
)


@settings(max_examples=30, deadline=None)
@given(streams, st.integers(1, 60))
def test_a_block_replaces_the_oldest_behind_the_sink(stream, film):
    ring, held = new_ring(stream), {}
    for index in range(film):
        held[ring.slot(index)] = index
    sinks = stream.sink // stream.block
    newest = list(range(film))[sinks:][-(ring.slots - sinks) :]
    assert sorted(held.values()) == [*range(min(film, sinks)), *newest]


@settings(max_examples=30, deadline=None)
@given(streams, st.integers(0, 40), st.integers(0, 4))
def test_a_segment_writes_inside_what_it_sees_and_references_go_behind_the_window(stream, index, references):
    ring = new_ring(stream, references=4)
    segment, plain = ring.segment(index, references), ring.segment(index)
    assert segment.write.unique().numel() == segment.write.numel() == (references * ROWS * COLUMNS) + ring.block_tokens
    assert segment.write.max() < segment.visible <= ring.layers[0].k.shape[1]
    assert segment.visible - plain.visible == references * ROWS * COLUMNS
    assert (segment.write[: references * ROWS * COLUMNS] >= plain.visible).all()
