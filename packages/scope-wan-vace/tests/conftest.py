"""Tiny models in the real formats, under the real names, through the real loaders."""

from pathlib import Path

import pytest
import torch

from scope_wan_vace.catalogue import GENERATORS, GeneratorName, VaeType
from scope_wan_vace.loading.models import Models, load_models, load_text_encoder
from scope_wan_vace.stream.request import ChunkRequest
from scope_wan_vace.stream.sampler import text_sigmas
from scope_wan_vace.stream.session import Session
from scope_wan_vace.tiny import write_models

CPU = torch.device("cpu")


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    """A models directory with every artifact. Read-only: tests that damage a file copy it first."""
    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def in_models_dir(models, monkeypatch) -> Path:
    """The host looks for models in the folder of tiny ones."""
    monkeypatch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(models))
    return models


@pytest.fixture
def wan(in_models_dir) -> Models:
    return load_models(GENERATORS[GeneratorName.LONGLIVE], VaeType.TAE, with_vace=True, device=CPU, dtype=torch.float32)


@pytest.fixture
def embeddings(in_models_dir) -> torch.Tensor:
    """Two prompts [2, 512, 32]."""
    return load_text_encoder(CPU, torch.float32, low_vram=False).encode(["a fox", "a harbour at night"])


@pytest.fixture
def session(wan, embeddings) -> Session:
    session = Session(wan, 32, 48)
    session.set_text(embeddings[:1], recache=False)
    return session


@pytest.fixture
def asked() -> ChunkRequest:
    return ChunkRequest(seed=1, sigmas=text_sigmas([1000, 750, 500, 250]))
