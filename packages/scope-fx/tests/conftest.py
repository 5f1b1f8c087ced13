"""Small pictures with everything in them that effects react to."""

import pytest
import torch


@pytest.fixture
def picture() -> torch.Tensor:
    """TCHW (2, 3, 36, 64): noise over a gradient, with black, white and a saturated patch; two different frames, the second
    moved."""
    frames = torch.rand(2, 3, 36, 64, generator=torch.Generator().manual_seed(7)) * 0.5
    frames += torch.linspace(0.0, 0.5, 64)
    frames[:, :, :6, :6], frames[:, :, -6:, -6:] = 0.0, 1.0
    frames[:, :, 15:20, 30:36] = torch.tensor([1.0, 0.1, 0.0]).view(3, 1, 1)
    frames[1] = frames[1].roll((5, 12), (-2, -1))
    return frames


@pytest.fixture
def video(picture) -> list[torch.Tensor]:
    """The picture as a host sends it: two frames (1, H, W, C), uint8."""
    return [(frame * 255.0).round().to(torch.uint8).permute(1, 2, 0)[None] for frame in picture]
