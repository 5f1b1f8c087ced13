"""Codecs loaded from tiny files. In float64, so that equal algorithms differ by rounding alone."""

import pytest
import torch
from torch import Tensor

from scope_wan_vace.catalogue import AUTOENCODERS, VaeType
from scope_wan_vace.codec import Codec, load_codec


@pytest.fixture(params=list(AUTOENCODERS), scope="session")
def codec(request, models) -> Codec:
    """Each of the four codecs; streams share nothing but the weights."""
    return load_codec(request.param, models / request.param.file, dtype=torch.float64)


@pytest.fixture
def wan(models) -> Codec:
    return load_codec(VaeType.WAN, models / VaeType.WAN.file, dtype=torch.float64)


@pytest.fixture
def video() -> Tensor:
    """[1, 3, 45, 16, 24] in [-1, 1]: 12 latent frames."""
    return torch.rand(1, 3, 45, 16, 24, generator=torch.Generator().manual_seed(1)).double() * 2 - 1


@pytest.fixture
def latents() -> Tensor:
    """[1, 16, 12, 2, 3]."""
    return torch.randn(1, 16, 12, 2, 3, generator=torch.Generator().manual_seed(2)).double()
