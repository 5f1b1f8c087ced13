"""The transformer compiles into one graph, and a running stream never compiles again."""

from dataclasses import replace

import pytest
import torch
from torch._dynamo.testing import CompileCounter

from scope_wan_vace.stream.sampler import text_sigmas
from scope_wan_vace.stream.session import ChunkRequest, Session


@pytest.fixture
def counter():
    torch._dynamo.reset()
    yield CompileCounter()
    torch._dynamo.reset()


def run(session, chunks, **wishes):
    asked = ChunkRequest(seed=1, sigmas=text_sigmas([1000, 500]), **wishes)
    return [session.generate(asked) for _ in range(chunks)]


@torch.inference_mode()
def test_whole_transformer_is_one_graph_and_slots_do_not_recompile_it(wan, embeddings, counter, monkeypatch):
    monkeypatch.setattr(wan.dit, "forward", torch.compile(wan.dit.forward, backend=counter, fullgraph=True))
    session = Session(replace(wan, vace=None), 32, 32, fuse=False)
    session.set_text(embeddings[:1], recache=False)
    run(session, session.ring.slots + 1)
    compiled = counter.frame_count
    run(session, 2 * session.ring.slots)
    assert counter.frame_count == compiled


@torch.inference_mode()
def test_blocks_share_few_graphs_over_all_fill_levels(wan, embeddings, counter):
    for block in wan.dit.blocks:
        block.compile(backend=counter, fullgraph=True)
    session = Session(wan, 32, 48)
    session.set_text(embeddings[:1], recache=False)
    run(session, 3 * session.ring.slots)
    # One for a step and one for a step with the clean pass; of each a second one when the fill level first moves.
    assert counter.frame_count <= 4


@torch.inference_mode()
def test_compiled_film_equals_the_eager_one(wan, embeddings, counter):
    films = []
    for compiled in (False, True):
        if compiled:
            for block in (*wan.dit.blocks, *wan.vace.vace_blocks):
                block.compile(backend="aot_eager", fullgraph=True)
        session = Session(wan, 32, 48)
        session.set_text(embeddings[:1], recache=False)
        films.append(torch.cat(run(session, 3), dim=2))
    torch.testing.assert_close(films[1], films[0], atol=1e-4, rtol=0)
