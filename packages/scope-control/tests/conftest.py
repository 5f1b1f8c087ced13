"""Small real inputs: a disc that travels over a textured ground, and the pipeline on the CPU."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from scope_control.pipeline import ControlPipeline
from scope_gpu.image.blur import gaussian_blur

type Film = Callable[..., list[Tensor]]


def _film(count: int = 4, height: int = 48, width: int = 64, speed: float = 3.0, dtype=torch.uint8) -> list[Tensor]:
    seeded = torch.Generator().manual_seed(7)
    ground = gaussian_blur(torch.rand(1, 3, height, width, generator=seeded), 2.0)
    x, y = torch.arange(width)[None, :], torch.arange(height)[:, None]
    frames = []
    for index in range(count):
        inside = (x - width / 4 - speed * index) ** 2 + (y - height / 2) ** 2 < (height / 5) ** 2
        picture = torch.where(inside, torch.tensor([0.9, 0.2, 0.1])[:, None, None], ground[0])
        # Whole numbers in both dtypes, so that both hold the same picture.
        frames.append((picture * 255.0).round().permute(1, 2, 0)[None].to(dtype))
    return frames


@pytest.fixture
def film() -> Film:
    """A maker of frames (1, H, W, 3) in [0, 255]."""
    return _film


@pytest.fixture
def pipeline() -> ControlPipeline:
    return ControlPipeline(device="cpu")


@pytest.fixture
def frames() -> Tensor:
    """Four frames of the film as the maps take them, TCHW [0, 1]."""
    return torch.cat(_film()).permute(0, 3, 1, 2) / 255.0
