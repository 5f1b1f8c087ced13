"""Graphs and lanes: the protocol everywhere, the real thing where there is a GPU."""

import contextlib
from dataclasses import replace
from typing import ClassVar

import pytest
import torch

from scope_wan_vace.catalogue import GENERATORS, GeneratorName, VaeType
from scope_wan_vace.cuda import Lane, Replay
from scope_wan_vace.loading.models import load_models
from scope_wan_vace.stream.compiled import compiled
from scope_wan_vace.stream.session import Session
from scope_wan_vace.stream.warmup import warm_up

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


class CountingGraph:
    """Stands in for a CUDA graph: counts what is recorded and replayed."""

    recorded = replayed = 0
    streams: ClassVar[list[str | None]] = []

    def replay(self):
        CountingGraph.replayed += 1


@pytest.fixture
def graphs(monkeypatch):
    CountingGraph.recorded = CountingGraph.replayed = 0
    CountingGraph.streams = []

    @contextlib.contextmanager
    def recording(graph, pool, stream, capture_error_mode):
        CountingGraph.recorded += 1
        CountingGraph.streams.append(stream)
        yield

    monkeypatch.setattr(torch.cuda, "CUDAGraph", CountingGraph)
    monkeypatch.setattr(torch.cuda, "graph", recording)
    monkeypatch.setattr(torch.cuda, "default_stream", lambda: "default")
    monkeypatch.setattr(torch.cuda, "current_stream", lambda: "default")
    return CountingGraph


def test_the_first_call_is_plain_the_second_is_recorded_and_all_others_replayed(graphs):
    calls = []
    replay = Replay(lambda: calls.append(1) or len(calls), enabled=True)
    assert [replay() for _ in range(5)] == [1, 2, 2, 2, 2]
    assert (len(calls), graphs.recorded, graphs.replayed) == (2, 1, 4)


def test_a_lane_s_graph_is_recorded_on_the_lane(monkeypatch, graphs):
    """Two lanes run side by side, and what the libraries keep for a stream must not be shared."""
    for stream in ("default", "model lane", "decoder lane"):
        monkeypatch.setattr(torch.cuda, "current_stream", lambda stream=stream: stream)
        replay = Replay(lambda: None, enabled=True)
        replay()
        replay()
    assert graphs.streams == [None, "model lane", "decoder lane"]


def test_without_graphs_every_call_is_plain(graphs):
    calls = []
    replay = Replay(lambda: calls.append(1) or len(calls), enabled=False)
    assert [replay() for _ in range(3)] == [1, 2, 3]
    assert graphs.recorded == 0


def test_what_cannot_be_recorded_runs_without_a_graph_and_is_said_once(monkeypatch, caplog, graphs):
    @contextlib.contextmanager
    def refusing(graph, pool, stream, capture_error_mode):
        raise RuntimeError("operation not permitted when stream is capturing")
        yield

    monkeypatch.setattr(torch.cuda, "graph", refusing)
    replay = Replay(lambda: 7, enabled=True)
    assert [replay() for _ in range(4)] == [7] * 4
    assert caplog.text.count("CUDA graph not recorded, running without") == 1
    assert graphs.replayed == 0


def test_without_cuda_a_lane_runs_things_at_once():
    lane, done = Lane(torch.device("cpu")), []
    with lane.run():
        done.append(torch.ones(1))
    lane.hand_over(*done)
    assert done[0].item() == 1


@pytest.mark.gpu
@needs_gpu
@pytest.mark.usefixtures("in_models_dir")
@torch.inference_mode()
def test_on_a_gpu_compiled_code_and_graphs_make_the_plain_film(embeddings, asked):
    device = torch.device("cuda")
    request = replace(asked, sigmas=asked.sigmas.to(device))
    films = []
    for fast in (False, True):
        models = load_models(GENERATORS[GeneratorName.LONGLIVE], VaeType.TAE, True, device, torch.float32)
        session = Session(models, 32, 48, *([compiled()] if fast else []), graphs=fast)
        warm_up(session, embeddings[:1].to(device))
        session.set_text(embeddings[:1].to(device), recache=False)
        chunks = [session.generate(request) for _ in range(8)]
        session.set_text(embeddings[1:].to(device), recache=True)
        films.append(torch.cat([*chunks, session.generate(request)], dim=2))
    torch.testing.assert_close(films[1], films[0], atol=1e-2, rtol=0)
