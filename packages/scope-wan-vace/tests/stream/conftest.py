"""Tiny models that went through the real files and the real loaders."""

from pathlib import Path

import pytest
import torch

from scope_wan_vace.models import load_models, load_text_encoder
from scope_wan_vace.sampler import text_sigmas
from scope_wan_vace.session import Models, Session, Shot

CPU = torch.device("cpu")


@pytest.fixture
def in_models_dir(models, monkeypatch) -> Path:
    """The host looks for models in the folder of tiny ones."""
    monkeypatch.setenv("DAYDREAM_SCOPE_MODELS_DIR", str(models))
    return models


@pytest.fixture
def wan(in_models_dir) -> Models:
    return load_models("longlive", "tae", with_vace=True, device=CPU, dtype=torch.float32)


@pytest.fixture
def embeddings(in_models_dir) -> torch.Tensor:
    """Two prompts [2, 512, 32]."""
    return load_text_encoder(CPU, torch.float32, low_vram=False).encode(["a fox", "a harbour at night"])


@pytest.fixture
def session(wan, embeddings) -> Session:
    session = Session(wan, 32, 48)
    session.set_text(embeddings[:1], retell=False)
    return session


@pytest.fixture
def shot() -> Shot:
    return Shot(seed=1, sigmas=text_sigmas([1000, 750, 500, 250]))
