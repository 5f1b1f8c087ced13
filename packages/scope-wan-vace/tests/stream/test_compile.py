"""Blocks compile once for every kind of chunk, and a running film never compiles again."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from scope_wan_vace.stream.compiled import compiled
from scope_wan_vace.stream.control import Control
from scope_wan_vace.stream.request import ChunkRequest
from scope_wan_vace.stream.sampler import text_sigmas
from scope_wan_vace.stream.session import Session


class CountingBackend:
    """A compiler that counts the graphs it is given and the calls of what it returns."""

    def __init__(self):
        self.graphs = self.calls = 0

    def __call__(self, graph: torch.fx.GraphModule, inputs: list) -> Callable:
        self.graphs += 1

        def call(*arguments):
            self.calls += 1
            return graph.forward(*arguments)

        return call


@pytest.fixture
def backend():
    torch._dynamo.reset()
    with torch._dynamo.config.patch(fail_on_recompile_limit_hit=True):
        yield CountingBackend()
    torch._dynamo.reset()


def new_session(wan, embeddings, **options) -> Session:
    session = Session(wan, 32, 48, **options)
    session.set_text(embeddings[:1], recache=False)
    return session


def requests(session: Session, kind: str, chunks: int):
    """Chunks of one kind, of two steps."""
    request = ChunkRequest(seed=1, sigmas=text_sigmas([1000, 500]))
    references = torch.ones(1, 16, len(kind.split("+")), 4, 6)
    for _ in range(chunks):
        control = Control(torch.zeros(1, 3, session.next_frames, 32, 48)) if kind != "text" else None
        guided = references if kind.startswith("reference") else None
        yield replace(request, control=control, references=guided)


@torch.inference_mode()
@pytest.mark.gate
def test_all_but_the_first_chunks_of_a_kind_run_compiled(wan, embeddings, backend):
    """Every block call runs compiled code, and code is made in a kind's first chunks only."""
    session = new_session(wan, embeddings, runners=compiled(backend))
    main, vace = len(wan.dit.blocks), len(wan.vace.vace_blocks)
    made: dict[str, int] = {}

    def play(kind: str, chunks: int) -> None:
        for request in requests(session, kind, chunks):
            graphs, calls = backend.graphs, backend.calls
            pending = session._pending
            session.generate(request)
            passes = 2 * (main + (0 if kind == "text" else vace))
            if pending is not None:
                passes += main + (vace if pending.work.kind.controlled else 0)
            assert backend.calls - calls == passes, kind
            made[kind] = made.get(kind, 0) + backend.graphs - graphs

    for kind in ("text", "control", "reference", "reference+reference"):
        play(kind, session.ring.slots + 2)
    assert made["text"] >= 2
    assert made["control"] >= 1
    compiled_before = backend.graphs
    for kind in ("text", "control", "reference", "reference+reference", "text"):
        play(kind, 3)
    session.set_text(embeddings[1:], recache=True)
    play("text", 2)
    session.reset()
    for kind in ("text", "control", "reference", "text"):
        play(kind, session.ring.slots + 2)
    assert backend.graphs == compiled_before
    # Each of the four functions has a handful of versions: with and without a hint, first and later sizes.
    assert backend.graphs <= 12


@torch.inference_mode()
@pytest.mark.gate
def test_compiled_film_equals_the_plain_one(wan, embeddings, backend):
    films = []
    for options in ({}, {"runners": compiled("aot_eager")}):
        session = new_session(wan, embeddings, **options)
        chunks = [session.generate(request) for request in requests(session, "text", 6)]
        chunks += [session.generate(request) for request in requests(session, "control", 2)]
        films.append(torch.cat(chunks, dim=2))
    torch.testing.assert_close(films[1], films[0], atol=1e-4, rtol=0)


@torch.inference_mode()
@torch._dynamo.config.patch(recompile_limit=1)
def test_a_stream_of_another_size_leaves_the_versions_of_the_first_alone(backend):
    """PyTorch keeps so many compiled versions of one function, and a host may play many sizes and models."""
    for size in (2, 3):
        runners = compiled(backend)
        for run in (runners.steady, runners.steady_vace):
            run(torch.nn.Linear(size, size), torch.ones(1, size))
    assert backend.graphs == backend.calls == 4


@torch.inference_mode()
@torch._dynamo.config.patch(recompile_limit=1, fail_on_recompile_limit_hit=True)
def test_compiled_autoencoder_equals_the_plain_one_in_every_size(wan):
    torch._dynamo.reset()
    for rows, plain in ((2, wan.codec.new_decoder()), (4, wan.codec.new_decoder())):
        latents = torch.randn(2, 1, 16, 3, rows, 6)
        wan.codec.compile("aot_eager")
        ours = wan.codec.new_decoder()
        for part in latents:
            torch.testing.assert_close(ours.decode(part), plain.decode(part), atol=1e-5, rtol=0)
