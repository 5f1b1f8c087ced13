"""Tiny models that went through the real files and the real loaders."""

from pathlib import Path

import pytest
import torch

from scope_wan_vace.models import load_models, load_text_encoder
from scope_wan_vace.sampler import text_sigmas
from scope_wan_vace.session import Models, Session, Shot
from scope_wan_vace.tiny import write_models

CPU = torch.device("cpu")


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory) -> Path:
    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def in_models_dir(models_dir, monkeypatch) -> Path:
    """The host looks for models in the folder of tiny ones."""
    monkeypatch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(models_dir))
    return models_dir


@pytest.fixture
def models(in_models_dir) -> Models:
    return load_models("longlive", "tae", with_vace=True, device=CPU, dtype=torch.float32)


@pytest.fixture
def embeddings(in_models_dir) -> torch.Tensor:
    """Two prompts [2, 512, 32]."""
    return load_text_encoder(CPU, torch.float32, low_vram=False).encode(["a fox", "a harbour at night"])


@pytest.fixture
def session(models, embeddings) -> Session:
    session = Session(models, 32, 48)
    session.set_text(embeddings[:1], retell=False)
    return session


@pytest.fixture
def shot() -> Shot:
    return Shot(seed=1, sigmas=text_sigmas([1000, 750, 500, 250]))
