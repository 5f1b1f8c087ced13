"""The pipeline as a host makes and calls it, on tiny models in the real files."""

from typing import Any

import pytest
import torch

from scope_wan_vace.pipeline.pipeline import WanVacePipeline
from scope_wan_vace.schema import WanVaceConfig

SMALL = {"height": 32, "width": 48, "vae_type": "tae"}


@pytest.fixture
def make(in_models_dir):
    """Constructs with every default of the schema and the load parameters over them."""

    def construct(device=None, **load) -> WanVacePipeline:
        defaults: dict[str, Any] = {name: field.default for name, field in WanVaceConfig.model_fields.items()}
        defaults = {name: value for name, value in defaults.items() if value is not None}
        return WanVacePipeline(device, **(defaults | SMALL | load))

    return construct


@pytest.fixture
def pipeline(make):
    return make()


@pytest.fixture
def video():
    """Twelve frames as the original host sends them, of another size than the pipeline's."""
    generator = torch.Generator().manual_seed(0)
    return [torch.randint(0, 256, (1, 30, 50, 3), dtype=torch.uint8, generator=generator) for _ in range(12)]
